"""Datasets, class orders and task streams."""
