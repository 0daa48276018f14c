"""The console: server-rendered pages over the desks' actions and queries."""
