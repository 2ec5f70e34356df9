"""The gate: answers, per request, whether this person's device may be used for this service now."""
