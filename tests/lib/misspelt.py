"""Basic sign-ins as no browser or phone writes them, which one server reads and another does not."""

from __future__ import annotations


def misspelt(header: str) -> tuple[str, ...]:
    """Return a sign-in in forms that one server reads and another doesn't."""
    scheme, _, packed = header.partition(" ")
    bare = packed.rstrip("=")
    return (
        f"{scheme}\t{packed}", f"{scheme}{packed}", f"{scheme}:{packed}", f"{scheme} {packed[:4]} {packed[4:]}",
        f"{scheme} {packed[:3]}!{packed[3:]}", f"{scheme} !{packed}", f"{scheme} ={packed}", f"{scheme} {packed}, {header}",
        f"{scheme} {bare}{'A' * (5 - len(bare) % 4)}", scheme,
    )  # fmt: skip
