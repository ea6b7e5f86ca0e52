"""Where a run's pictures and classes come from: one file a source."""
