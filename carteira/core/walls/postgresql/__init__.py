"""Django's PostgreSQL backend with the second lock: keys that begin with the account, and forced row security."""
