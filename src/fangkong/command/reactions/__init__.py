"""Reactions: what follows from an event, at the hour it happens.

``table.TABLE`` is the one table from the kind of an event to its reactions; ``running`` carries them out,
each exactly once, in the order of the events.
"""
