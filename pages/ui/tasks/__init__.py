"""Parts of the page Tasks."""
