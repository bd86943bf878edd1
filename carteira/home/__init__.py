"""The floor above the rooms: imports, what is seen across subjects."""
