"""ActiveSync queries in both forms."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.devices.activesync_query import COMMANDS, ActiveSyncQuery, parse_query


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("User=johndoe&DeviceId=Appl2312&DeviceType=iPhone&Cmd=Ping", ("Ping", "johndoe", "Appl2312", "iPhone")),
        ("?cmd=sync&&devicetype=Android&deviceid=a1&USER=dom%5Cana", ("Sync", "dom\\ana", "a1", "Android")),
        (
            "Cmd=FolderSync&User=ana%40example.org&DeviceId=x&DeviceType=iPad&CorrelationID=<empty>;&Log=a=b;c",
            ("FolderSync", "ana@example.org", "x", "iPad"),
        ),
        ("User=domain/ana", (None, "domain/ana", None, None)),
        ("Cmd=Future", ("Future", None, None, None)),
    ],
)  # fmt: skip
def test_plain_queries_are_read_in_any_order_and_case(query: str, told: tuple[str | None, ...]) -> None:
    assert parse_query(query) == ActiveSyncQuery(*told, packed=False)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("jQAJBBBOaW5lNDM4M0FGMzQ2ODYwBAAAAAAHQW5kcm9pZAcBAA==", ("Sync", "Nine4383AF346860", "Android")),
        ("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", ("Sync", "v140Device", "SmartPhone")),
        ("jQAJBBBOaW5lNDM4M0FGMzQ2ODYwBAAAAAAHQW5kcm9pZAcBAA%3D%3D", ("Sync", "Nine4383AF346860", "Android")),
    ],
)
def test_packed_queries_are_read(query: str, told: tuple[str, str, str]) -> None:
    parsed = parse_query(query)
    assert parsed
    assert (parsed.command, parsed.device_id, parsed.device_type, parsed.packed) == (*told, True)


@given(
    version=st.sampled_from([121, 140, 141, 160, 161]),
    command=st.integers(0, len(COMMANDS) - 1),
    device_id=st.text(alphabet="abcdefABCDEF0123456789", min_size=1, max_size=32),
    device_type=st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20),
    user=st.none() | st.text(alphabet="abc@.\\", min_size=1, max_size=20),
)
def test_whatever_is_packed_is_unpacked(version: int, command: int, device_id: str, device_type: str, user: str | None) -> None:
    body = bytes([version, command, 9, 4, len(device_id)]) + device_id.encode() + b"\x04\0\0\0\0"
    body += bytes([len(device_type)]) + device_type.encode() + b"\x07\x01\x00"
    if user:
        body += bytes([8, len(user)]) + user.encode()
    assert parse_query(base64.b64encode(body).decode()) == ActiveSyncQuery(
        COMMANDS[command], user, device_id, device_type, packed=True
    )


@given(query=st.text(max_size=200) | st.text(alphabet="ABCDEFabcdef0123456789+/=%&_-", max_size=200))
def test_any_text_is_answered(query: str) -> None:
    parsed = parse_query(query)
    assert parsed is None or any((parsed.command, parsed.user, parsed.device_id, parsed.device_type))


@given(body=st.binary(max_size=60))
def test_any_bytes_are_answered(body: bytes) -> None:
    parse_query(base64.b64encode(body).decode())


@pytest.mark.parametrize("query", ["", "?", "path=/owa/auth", "AAAAAAAA", "reallylongwordthatisnobase64atall"])
def test_other_queries_are_none(query: str) -> None:
    assert parse_query(query) is None
