"""The measured budgets (architecture, section 8): `make bench`, or `python -m bench --help`."""
