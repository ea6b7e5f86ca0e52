"""The Intervene page: concepts set by hand, the model edited, and what clicks and edits are worth."""
