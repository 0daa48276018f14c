"""Measures on people: proposed from the rules in force, decided by a person, ending by themselves.

``actions`` writes (propose, approve, reject, withdraw, lapse), ``queries`` reads. Which days an order has
follows from rule packs (``science.rules``); what every order carries beside them is in ``safeguards.toml``.
"""
