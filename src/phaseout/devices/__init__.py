"""Clue to device: what a raw piece of evidence says about the thing in a person's hand.

The way in is ``identify`` for one clue and ``identify_all`` for the clues of one access. The kinds of evidence stand one file
each in ``clues``; what several of them share (Apple's build numbers, the agents of mail programs, the tables) stands beside them.
"""

from phaseout.devices.identify import READERS, identify, identify_all
from phaseout.devices.merge import contradictions_of_device_id

__all__ = ["READERS", "contradictions_of_device_id", "identify", "identify_all"]
