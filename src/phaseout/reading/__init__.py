"""What the log formats are written with: the reader's shape, and expressions for time, text and web requests."""
