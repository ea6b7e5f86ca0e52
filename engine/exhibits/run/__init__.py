"""Exhibits of the page Run."""
