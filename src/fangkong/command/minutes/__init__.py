"""Minutes and instructions as they come in: read into clauses, decided by a person one by one, and covered.

``actions`` writes, ``queries`` and ``coverage`` read. A clause becomes a directive, a standing duty, or is set aside
with a reason; exhortations are shown and open nothing.
"""
