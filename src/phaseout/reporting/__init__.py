"""What reports share: their type, the figures of an answer, its words, and the parts of the page."""
