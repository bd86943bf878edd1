"""One spine for all that happens: recorded with the fact, reacted to after commit. See README.md."""
