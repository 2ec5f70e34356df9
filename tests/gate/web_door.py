"""A web door before a mail server as its clients see it, and what phones ask there."""

from __future__ import annotations

import base64
import http.client
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
        told = {"User-Agent": agent, "Authorization": "Basic " + base64.b64encode(f"{user}:pass-word-1".encode()).decode()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            connection.request(method, target, body, {**told, **headers})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()
