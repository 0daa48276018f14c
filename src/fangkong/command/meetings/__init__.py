"""Meetings that the office holds itself: called with papers from the record, held, minuted, signed, followed below.

``actions`` writes, ``queries`` and ``decision_states`` read. What was decided becomes directives and standing duties
through ``command/minutes``; here it is entered, and every later meeting begins with what became of it.
"""
