"""A run as one file to take along, and back: export, import checked as hostile, and scalars for TensorBoard."""
