"""Exhibits of the page Tasks."""
