"""A web door before a mail server as its clients see it, and what phones ask there."""

from __future__ import annotations

import base64
import http.client
import socket
from dataclasses import dataclass

from programs import LONGEST

EAS = "/Microsoft-Server-ActiveSync"
SAMSUNG_SYNC = f"{EAS}?Cmd=Sync&User=anna&DeviceId=SEC1A2B3C4D5E6F7&DeviceType=SamsungDevice"
IPHONE_SYNC = f"{EAS}?Cmd=Sync&User=anna&DeviceId=ApplF2LXQ0ABCD12&DeviceType=iPhone"
IPHONE_PACKED = f"{EAS}?jQkJBBBBcHBsRjJMWFEwQUJDRDEyAAZpUGhvbmU="


@dataclass
class WebDoor:
    """A proxy before a mail server, at a loopback port."""

    port: int

    def ask(
        self, target: str, agent: str, user: str = "anna", method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        told = {"User-Agent": agent} | ({"Authorization": signed_in(user)} if user else {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            connection.request(method, target, body, {**told, **headers})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def ask_raw(self, head: bytes) -> bytes:
        """Ask with the line and headers as they are given, and return all that comes."""
        with socket.create_connection(("127.0.0.1", self.port), LONGEST) as connection:
            connection.sendall(head + f"Authorization: {signed_in('anna')}\r\nConnection: close\r\n\r\n".encode())
            with connection.makefile("rb") as answer:
                return answer.read()


def signed_in(user: str) -> str:
    """Return the header with which somebody signs in."""
    return "Basic " + base64.b64encode(f"{user}:pass-word-1".encode()).decode()
