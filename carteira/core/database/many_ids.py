"""Ids of the rows one statement inserts. The database's own uuidv7() asks the system for random bits row by row, which
for a hundred thousand rows took more time than the rows (0.3 s, on a busy machine 0.9; like this 0.1)."""

# A member of the statement's WITH list: the moment, and random bits for all its rows.
IDS = "new_ids AS MATERIALIZED (SELECT left(uuidv7()::text, 28) AS base)"


def nth_id(nth: str = "row_number() OVER ()") -> str:
    """The id of a row by its number (SQL, below 2^32); they sort by it."""
    return f"((SELECT base FROM new_ids) || lpad(to_hex({nth}), 8, '0'))::uuid"
