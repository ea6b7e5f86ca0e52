"""What the page Picture is made of."""
