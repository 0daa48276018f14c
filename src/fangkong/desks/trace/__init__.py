"""Tracing: cases, their contacts, who infected whom, and the four verifications. Keys only, never an identity."""
