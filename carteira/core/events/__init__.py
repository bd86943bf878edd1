"""One spine for everything that happens: record() in the fact's transaction, reactions after commit. See README.md."""
