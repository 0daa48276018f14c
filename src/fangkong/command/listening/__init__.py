"""Listening: proposals of the grass roots, new problems, citizens' concerns, and what changed because of them."""
