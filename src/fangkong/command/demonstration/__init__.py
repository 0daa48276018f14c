"""The demonstration city in the record: invented people, an invented outbreak, a real morning's work.

``actions.load_demonstration`` is the one entry. ``story.toml`` says who works there and what time it is; the
rows come from ``science.city`` and enter through the record's own bulk writer.
"""
