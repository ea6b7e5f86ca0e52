"""The growing bottleneck and head, and their immutable per-task snapshots."""
