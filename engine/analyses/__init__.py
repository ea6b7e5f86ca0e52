"""Longer looks at a finished model, one a file: computed by a process of their own and kept with the run."""
