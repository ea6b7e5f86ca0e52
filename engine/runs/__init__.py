"""Config, events, store, training loop and worker process."""
