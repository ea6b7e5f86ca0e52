"""What an experiment says: its table, and pictures of its settings."""
