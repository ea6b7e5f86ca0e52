"""One chapter a page: which of its exhibits a report shows, and of what."""
