"""Fields a business has of its own: what it wants to know about its customers besides what everybody does."""
