"""The keeper: a small process of its own that owns one home's PostgreSQL. `run.py` tells its life."""
