"""The report: all exhibits of a run in one file to take away."""
