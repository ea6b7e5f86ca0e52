"""Exhibits: a finding, its chart, its table and its lesson, assembled once for pages, slides and reports."""
