"""Tracing: cases, contacts, who infected whom, the four verifications. Keys only, never an identity."""
