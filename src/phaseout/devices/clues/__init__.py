"""devices/clues."""
