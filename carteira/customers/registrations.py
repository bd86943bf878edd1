"""What customers plugs into the ground floor."""
