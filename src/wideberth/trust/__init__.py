"""Encounters → was it there, does it surprise, how sure: trust, context, reasons, rank.

evidence.py gathers figures from the reports around each closest point, accuracy.py how sure positions and altitudes
are, likelihood.py whether two addresses are one aircraft, reasons.py draws conclusions by limits.py's table,
hotspots.py grades as airbornehotspots.org does, airports.py says who flies beside a known aerodrome, clock.py which
files of a recording have different clocks.
"""
