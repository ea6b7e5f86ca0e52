"""Attacks, one a file: the smallest changes of pixels that change what the whole pipeline says."""
