"""What accounts plugs into the ground floor."""
