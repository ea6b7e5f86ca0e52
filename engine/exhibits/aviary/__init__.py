"""The Aviary page: one bird with one thing changed, what every attribute really does, and claims against uses."""
