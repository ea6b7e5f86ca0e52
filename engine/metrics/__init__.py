"""Pure functions of arrays, one family a file."""
