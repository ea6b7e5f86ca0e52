"""One continual-learning method a file."""
