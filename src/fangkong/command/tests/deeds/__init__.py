"""Every write of the command rooms made ready once: what the walks of kills, second submits and locks go over."""
