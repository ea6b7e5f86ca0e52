"""The open_clip wrapper, its presets, the feature cache and the pretraining of the shipped model."""
