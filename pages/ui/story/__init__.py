"""Story mode: slides on a stage."""
