"""A run told in slides: one chart and one sentence each, computed from the run."""
