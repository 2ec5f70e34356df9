"""The sample ministry: its staff, its order, 90 days of its logs in every format, and the truth about all of it."""
