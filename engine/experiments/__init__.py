"""Experiments: many runs from one declaration, done by a job, and what they say together."""
