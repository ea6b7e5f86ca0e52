"""What a run leaves: events, the form of every array, and what its results depend on. No torch here."""
