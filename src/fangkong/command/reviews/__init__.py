"""Reviews (复盘): what was known when, how long each step took, which gaps it showed, and who closes them."""
