"""Everything kept on disk about runs, and every line of SQL; read back checked. No torch here."""
