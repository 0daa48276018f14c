"""Tasks: a finishable deed with an owner, an area, a deadline and a state.

``actions`` writes, ``queries`` reads; ``states.py`` says which step leads where, ``kinds.toml`` who owns a
kind of task and when it is due where no rule sets the clock.
"""
