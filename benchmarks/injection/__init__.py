"""Encounters whose truth is known, put into real recorded days: what a judgement of trust is measured by.

days.py: the days; motion.py: paths and how near they come; recorder.py: paths with a recorder's errors;
real.py, ghosts.py, faults.py, spoofs.py, heights.py, company.py, circuit.py: what is put in;
copies.py: many of them into one copy of a day; score.py: what became of them.
"""
