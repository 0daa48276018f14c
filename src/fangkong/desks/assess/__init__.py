"""Situation assessment: daily figures by area, the epidemic curve, reproduction and growth with intervals."""
