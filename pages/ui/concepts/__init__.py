"""The views of the Concepts page."""
