"""The Explain page: one picture, what the model takes it for, why, since when, and what would change it."""
