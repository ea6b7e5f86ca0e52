"""Forms of concept files: one file each, recognised by what is in it."""
