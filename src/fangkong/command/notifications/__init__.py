"""What the office tells its own people, from events: in the console, by e-mail, by webhook."""
