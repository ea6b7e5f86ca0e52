"""Changing what the model believes: concepts of one image, weights of the model, and who suggests what."""
