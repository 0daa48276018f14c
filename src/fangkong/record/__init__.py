"""The shared record: every noun that two rooms need, bitemporal, scoped, audited."""
