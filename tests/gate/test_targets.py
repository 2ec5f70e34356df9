"""Whose mailbox a target opens, as the mail server takes it."""

from __future__ import annotations

import pytest

from phaseout.gate import web


@pytest.mark.parametrize(
    ("target", "owner"),
    [
        ("/SOGo/so/clara/Mail/view", ("so", "clara")),
        ("/mail/#/../../SOGo/so/clara/", ("", "")),
        ("/mail/x#/../../../SOGo/so/clara/", ("", "")),
        ("/SOGo/so/clara/#/../anna/", ("so", "clara")),
        ("/SOGo/dav/clara/Calendar/", ("dav", "clara")),
        ("/SOGo/dav/so/clara/Calendar/", ("so", "clara")),
        ("/SOGo/so/so/", ("", "")),
        ("/SOGo.woa/WebServerResources/js/x.js", ("", "")),
    ],
)
def test_a_target_ends_at_a_hash(target: str, owner: tuple[str, str]) -> None:
    assert web._owner(target) == owner
