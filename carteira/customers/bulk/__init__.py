"""Changing many customers at once: in parts, each a transaction, with a report and an undo. See start.py and run.py."""
