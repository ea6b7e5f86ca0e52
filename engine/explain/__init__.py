"""What the model saw in an image and why: pure functions of snapshots and features, one question a file."""
