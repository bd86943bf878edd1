"""Two customers that are one: possible duplicates, merging without loss, and taking a merge back (N8)."""
