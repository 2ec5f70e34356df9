"""Expressions that write down what a device inventory or a sign-in service says: ``key=value; key=value``."""

from __future__ import annotations

from phaseout.reading.on_demand import ibis, ir

MANAGED = "managed"
"""The key that says whether the organisation manages the device (``yes``), or only the client says all this (``no``)."""


def inventory(**fields: ir.StringValue) -> ir.StringValue:
    """Return the fields that are told as one text; null when there is none beside ``managed``.

    Args:
        fields: by key; null or empty when not told. ``%``, ``;`` and ``=`` in values are percent-encoded.
    """
    told = {key: value.nullif("") for key, value in fields.items()}
    parts = [
        ibis.coalesce(ibis.literal(f"; {key}=") + value.replace("%", "%25").replace(";", "%3B").replace("=", "%3D"), "")
        for key, value in told.items()
    ]
    text = parts[0]
    for part in parts[1:]:
        text = text + part
    said = [value.notnull() for key, value in told.items() if key != MANAGED]
    is_told = said[0]
    for one in said[1:]:
        is_told = is_told | one
    return ibis.ifelse(is_told, text.substr(2), ibis.null("string"))
