"""Expressions compiled for an engine, kept from run to run as Python keeps compiled modules."""
