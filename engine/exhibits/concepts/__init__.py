"""Exhibits of the Concepts page."""
