"""Plumage's engine: trains, measures and explains continual concept bottleneck models; it serves no pages."""
