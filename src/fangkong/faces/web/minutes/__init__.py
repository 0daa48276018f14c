"""Pages of minutes: what came in, one text clause by clause, its coverage table, the report upward."""
