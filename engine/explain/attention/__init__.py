"""Attention maps, one a file: where a backbone looks when it answers for a class, a concept or a text."""
