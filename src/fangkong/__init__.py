"""Fangkong 防控: the command platform of a city's epidemic prevention-and-control office."""

__version__ = "0.1.0"
