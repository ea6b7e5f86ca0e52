"""What the page Repair is made of."""
