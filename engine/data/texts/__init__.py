"""Texts that may describe classes: read from files of every published form, or from the built-in vocabulary."""
