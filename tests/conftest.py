"""What every test is run under."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, print_blob=True)  # a busy machine is slow, not wrong
settings.load_profile("house")
