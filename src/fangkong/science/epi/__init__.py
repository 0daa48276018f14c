"""Epidemic assessment as pure functions on arrays: serial intervals, reproduction, growth, curves."""
