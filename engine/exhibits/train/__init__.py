"""Exhibits of the page Train."""
