"""One file per use case, and what those share; called by the command line."""
