"""Response levels and contingency plans: what is in force where, who may declare it, what it sets in motion."""
