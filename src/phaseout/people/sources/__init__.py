"""One file per source of staff lists; each defines ``SOURCE``."""
