"""Findings: what a run's own numbers say, one rule a file."""
