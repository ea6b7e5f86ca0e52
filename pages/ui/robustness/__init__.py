"""What the page Robustness is made of."""
