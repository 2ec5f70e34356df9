"""The relay: stands between a door and its gates, and gives the last known decision when none of them has an opinion."""
