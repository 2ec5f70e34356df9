"""What devices ask of SOGo: the same requests stand in nginx's log and in SOGo's own."""

from __future__ import annotations

from phaseout.demo.clients import activesync, packed_query
from phaseout.demo.life import Deed


def is_repeat(deed: Deed) -> bool:
    """Whether a request to SOGo stands in nginx's log as well.

    Of some people's requests that log is kept; but it never names who is on the web page.
    """
    member = deed.member
    return member.kind == "person" and int(member.id[1:]) % 4 == 0 and deed.door != "webmail"


def is_told(deed: Deed) -> bool:
    """Whether SOGo's own log tells whose access a request is.

    A question for the server's options does not name anybody, nor does a packed query; and of a request that was refused nobody
    knows whether the client had given a password yet.
    """
    if deed.door != "activesync":
        return True
    return deed.command != "OPTIONS" and deed.action != "attempt" and not deed.device.packed


def user_of(deed: Deed) -> str:
    """Return the name as a device writes it; some write the bare one."""
    return deed.member.user if deed.device.number % 2 else deed.member.address


def target_of(deed: Deed) -> tuple[str, str]:
    """Return the method and the target of a request."""
    user = user_of(deed).replace("@", "%40")
    if deed.door == "webmail":
        return "POST", f"/SOGo/so/{user}/Mail/0/folderINBOX/7/markMessageRead"
    if deed.door in {"caldav", "carddav"}:
        folder = "Calendar/personal/" if deed.door == "caldav" else "Contacts/personal/"
        return ("OPTIONS" if deed.command == "account" else "REPORT"), f"/SOGo/dav/{user}/{folder}"
    if deed.command == "OPTIONS":
        return "OPTIONS", "/SOGo/Microsoft-Server-ActiveSync"
    command = "Sync" if deed.command == "refused" else deed.command
    kind = activesync(deed.device).device_type
    if deed.device.packed:
        return "POST", f"/SOGo/Microsoft-Server-ActiveSync?{packed_query(command, deed.device.device_id, kind)}"
    return (
        "POST",
        f"/SOGo/Microsoft-Server-ActiveSync?Cmd={command}&User={user}&DeviceId={deed.device.device_id}&DeviceType={kind}",
    )
