"""Duty: the 24-hour roster and its rules, swaps, telephone tests, the close-out of the day and the hand-over.

``actions.py`` writes, ``queries.py`` reads, ``watch.py`` is what the worker does in each pass.
"""
