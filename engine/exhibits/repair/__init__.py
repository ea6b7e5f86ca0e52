"""The Repair page: the model edited, what clicks and edits are worth, what was lost, and claims against effects."""
