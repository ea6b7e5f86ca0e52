"""The parts of the page Aviary."""
