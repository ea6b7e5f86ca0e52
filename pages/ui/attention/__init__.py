"""What the page Attention is made of."""
