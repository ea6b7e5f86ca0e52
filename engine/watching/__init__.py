"""What is seen while a run learns: probes and concepts chosen by declared rules, looked at beat by beat."""
