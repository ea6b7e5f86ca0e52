"""Parts of the page Experiments."""
