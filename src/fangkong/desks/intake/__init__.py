"""Receiving files: every row accepted, held for a person or rejected with a reason; nothing half written."""
