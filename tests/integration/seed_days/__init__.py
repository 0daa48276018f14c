"""Five days of five meetings: the demonstration city under the rules of each day, and what its page asks for."""
