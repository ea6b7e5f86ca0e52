"""Concept banks and the search that fills them."""
