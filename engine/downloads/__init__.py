"""Files brought from elsewhere: told step by step, whole or not at all, given up by closing the work."""
