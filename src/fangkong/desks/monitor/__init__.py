"""Monitoring: signals from every channel, raised once, verified, and closed with an outcome."""
