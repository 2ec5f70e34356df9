"""The kinds of evidence, one file each; a file's name is the kind's, and ``CLUE`` in it reads the kind."""
