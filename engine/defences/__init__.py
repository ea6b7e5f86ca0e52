"""Defences, one a file: ways to tune a visual tower on attacked images so that its answers and its attention hold."""
