"""A run reopened: its models, images and facts, and how runs compare."""
