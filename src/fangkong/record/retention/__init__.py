"""Purpose and retention: what personal data is held for, by which rule, until when, and how it goes.

Import from the modules: ``categories`` (what is held), ``collecting`` (may it be collected), ``clocks`` (until
when), ``purging`` (how it goes), ``queries`` (what is shown).
"""
