"""Policies, one a file: which concept a person should be asked about next."""
