"""Numba kernels: NumPy in, NumPy out; no objects, no files.  One formula family a file."""
