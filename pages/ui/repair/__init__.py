"""Parts of the page Intervene."""
