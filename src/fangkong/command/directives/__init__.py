"""Directives and standing duties: what one level asks of the next, and what it asks of itself for good.

``actions`` writes, ``queries`` reads; ``tree`` follows one directive down to its last receipt and last task.
"""
