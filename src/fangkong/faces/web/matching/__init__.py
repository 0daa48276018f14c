"""Console pages of this room: URLs, views, templates; no rules of their own."""
