"""The one decision: what an order says of one person, device, service and instant. Pure; the clock is an argument."""

from phaseout.judge.decide import banned, judge
from phaseout.judge.match import Match, matches
from phaseout.judge.order import Order, compile_order
from phaseout.judge.profile import Profile, profile_of, profile_of_anybody
from phaseout.judge.unmet import Unmet, unmet

__all__ = [
    "Match", "Order", "Profile", "Unmet", "banned", "compile_order", "judge", "matches", "profile_of", "profile_of_anybody",
    "unmet",
]  # fmt: skip
