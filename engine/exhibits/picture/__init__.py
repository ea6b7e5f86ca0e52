"""The Picture page: one picture, what the model takes it for, why, what would change it, since when, and where."""
