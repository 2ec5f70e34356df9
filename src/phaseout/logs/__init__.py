"""Open log files: compression, lines with their numbers, limits, and the format found by looking."""
