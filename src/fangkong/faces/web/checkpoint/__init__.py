"""The checkpoint on a phone, and the permits of the office that issues them."""
