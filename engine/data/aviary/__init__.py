"""The Aviary: a procedurally drawn world of field-guide birds with exact ground truth."""
