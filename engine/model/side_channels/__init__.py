"""Side channels: what reaches a model's answer beside its concepts, one kind a file."""
