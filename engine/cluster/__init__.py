"""Experiments on a Ray cluster: what a node does for a cell, and how the machine that asks takes the result in."""
