"""Exhibits of the page Compare."""
