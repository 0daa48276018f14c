"""Whom to test, how often, and how an area is tested: campaigns, key posts, institutions."""
