"""Timers: a row for each time limit that runs, with when it is due and who hears when it is missed.

``timers.toml`` says which event of the record starts which clocks of the rules and what meets them; how long
a limit is, and for whom it is a duty, stands in the packs. ``actions`` writes, ``queries`` reads.
"""
