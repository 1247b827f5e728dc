"""Detect-and-avoid: alert levels and manoeuvre bands for one aircraft among others."""
