"""Ids, clocks and the civil day, area codes, errors, kill points. Standard library only."""
