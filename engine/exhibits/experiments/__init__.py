"""Exhibits of the Experiments page."""
