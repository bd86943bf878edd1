"""Sheets that people take along: exports as a job or by command. See README.md."""
