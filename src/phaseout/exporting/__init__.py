"""What exports share: the value that each is written from, and what a single string tells."""
