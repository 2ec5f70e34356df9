"""One file per protocol in which a mail server asks."""
