"""Benchmarks behind `python -m engine bench`, one a file."""
