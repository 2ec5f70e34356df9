"""directive."""
