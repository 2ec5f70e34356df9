"""The bundle: all that the gate needs in one signed file. Pure format, for the run that makes it and the gate that serves it."""
