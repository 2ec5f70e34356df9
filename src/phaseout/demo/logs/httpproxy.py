"""The demo's second Exchange: the proxy logs of its front end, one folder for each door, one file a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from typing import Final

from phaseout.demo.calendar import A_DAY, day_of, iso_utc, thousandth
from phaseout.demo.clients import activesync, browser, desktop
from phaseout.demo.devices import Owned
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, guid, log_file, moments, spelt

COLUMNS: Final = (
    "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,"
    "ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,"
    "ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,"
    "RoutingHint,BackEndCookie,ServerLocatorHost,ServerLocatorLatency,RequestBytes,ResponseBytes,TargetOutstandingRequests,"
    "AuthModulePerfContext,HttpPipelineLatency,CalculateTargetBackEndLatency,GlsLatencyBreakup,TotalGlsLatency,"
    "AccountForestLatencyBreakup,TotalAccountForestLatency,ResourceForestLatencyBreakup,TotalResourceForestLatency,ADLatency,"
    "SharedCacheLatencyBreakup,TotalSharedCacheLatency,ActivityContextLifeTime,ModuleToHandlerSwitchingLatency,"
    "ClientReqStreamLatency,BackendReqInitLatency,BackendReqStreamLatency,BackendProcessingLatency,BackendRespInitLatency,"
    "BackendRespStreamLatency,ClientRespStreamLatency,KerberosAuthHeaderLatency,HandlerCompletionLatency,RequestHandlerLatency,"
    "HandlerToModuleSwitchingLatency,ProxyTime,CoreLatency,RoutingLatency,HttpProxyOverhead,TotalRequestTime,"
    "RouteRefresherLatency,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors,EdgeTraceId,DatabaseGuid,UserADObjectGuid,"
    "PartitionEndpointLookupLatency,RoutingStatus"
)
"""The columns of Exchange 2016 and 2019."""

_BETWEEN: Final = "," * (COLUMNS.split(",").index("UrlQuery") - COLUMNS.split(",").index("ProxyAction"))
_AFTER: Final = "," * (len(COLUMNS.split(",")) - 1 - COLUMNS.split(",").index("UrlQuery"))


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make the logs of every door and month."""
    found = Written(planted=[_planted(deed) for deed in deeds])
    lines: dict[str, list[Line]] = {}
    for deed in deeds:
        lines.setdefault(_folder(deed), []).extend(_lines(deed))
    lines.setdefault("Eas", []).extend(_noise(days, chance))
    for folder, kept in sorted(lines.items()):
        kept.sort(key=by_time)
        for month, part in groupby(kept, key=lambda line: f"{day_of(line[0] // A_DAY):%Y%m}"):
            each = list(part)
            path = f"exchange-httpproxy/{folder}/HttpProxy_{month}-1.LOG"
            found.files.append(log_file(path, "httpproxy", [*_header(each[0][0]), *each]))
    return found


def _header(at: int) -> list[Line]:
    stamp = f"{iso_utc(at)}.{thousandth(at)}Z"
    texts = (
        COLUMNS,
        "#Software: Microsoft Exchange Server",
        "#Version: 15.01.2507.039",
        "#Log-type: HttpProxy Logs",
        f"#Date: {stamp}",
        f"#Fields: {COLUMNS}",
    )
    return [(at, text, "header") for text in texts]


_ASKED_EVERY: Final = 35
"""Before each so many-th request of a device the server asks for the password."""

_FOLDERS: Final = {"activesync": "Eas", "webmail": "Owa", "ews": "Ews", "mapi": "Mapi"}


def _folder(deed: Deed) -> str:
    return "Autodiscover" if deed.command == "autodiscover" else _FOLDERS[deed.door]


def _agent(deed: Deed) -> str:
    if deed.door == "activesync":
        return activesync(deed.device).agent
    return browser(deed.device.model).agent if deed.door == "webmail" else desktop(deed.device.model).agent


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    client = activesync(deed.device)
    named = deed.door == "activesync" and deed.command != "OPTIONS"
    tells = (
        client.tells if deed.door == "activesync" else (browser if deed.door == "webmail" else desktop)(deed.device.model).tells
    )
    clues = client.clues if named else {"user_agent": _agent(deed)}
    protocol = "ews" if deed.command == "autodiscover" else deed.door
    return Planted(deed, "httpproxy", spelt(deed), protocol, tells, clues, deed.device.device_id if named else "")


def _query(deed: Deed, device: Owned) -> str:
    """Return what stands in UrlQuery."""
    if deed.door == "mapi" and deed.command == "open":
        return f"?MailboxId={guid(device.number)}@example.org"
    if deed.door != "activesync" or deed.command == "OPTIONS":
        return ""
    command = "Sync" if deed.command == "refused" else deed.command
    user = spelt(deed).replace("\\", "%5C").replace("@", "%40")
    return f"?Cmd={command}&User={user}&DeviceId={device.device_id}&DeviceType={activesync(device).device_type}"


_STEMS: Final = {
    "Eas": "/Microsoft-Server-ActiveSync/default.eas",
    "Owa": "/owa/service.svc",
    "Ews": "/EWS/Exchange.asmx",
    "Mapi": "/mapi/emsmdb/",
    "Autodiscover": "/autodiscover/autodiscover.xml",
}


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed; now and then the same request stands before it without a user, asked for a password."""
    folder, agent = _folder(deed), _agent(deed).replace(",", " ")
    status = "401" if deed.action == "attempt" else "200"
    method = "OPTIONS" if deed.command == "OPTIONS" else "POST"
    kind = "Basic" if folder == "Eas" else "Negotiate"
    head = f"15,1,2507,39,,{folder},mail.example.org,{_STEMS[folder]},"
    rest = f"{agent},{deed.device.address},MX2"
    user = f"{kind},{'false' if status == '401' else 'true'},{spelt(deed)},,Smtp~{deed.member.address},{rest}"
    nobody = f"{kind},false,,,,{rest}"
    end = f"{method},Proxy{_BETWEEN}{_query(deed, deed.device)}{_AFTER}"
    for number, at in enumerate(deed.at):
        start = f"{iso_utc(at)}.{thousandth(at)}Z,{guid(at)},{head}"
        if number % _ASKED_EVERY == _ASKED_EVERY - 1 and status == "200":
            yield at, f"{start},{nobody},401,,,{end}", "asked to sign in"
        yield at, f"{start},{user},{status},{status},,{end}", ACCESS


def _noise(days: range, chance: Random) -> Iterator[Line]:
    """Write the server's own probes, and lines that broke off."""
    for at in moments(days, 3.0, chance):
        start = f"{iso_utc(at)}.{thousandth(at)}Z,{guid(at)},15,1,2507,39,,Eas,localhost,{_STEMS['Eas']},"
        user = (
            "Basic,true,HealthMailbox77aa10@example.org,,Smtp~HealthMailbox77aa10@example.org,AMProbe/Local/ClientAccess,::1,MX2"
        )
        query = (
            "?Cmd=FolderSync&User=HealthMailbox77aa10%40example.org&DeviceId=EASProbeDeviceId141&DeviceType=EASProbeDeviceType"
        )
        yield at, f"{start},{user},200,200,,POST,Proxy{_BETWEEN}{query}{_AFTER}", "probe"
    for at in moments(days, 0.08, chance):
        yield at, f"{iso_utc(at)}.{thousandth(at)}Z,{guid(at)},15,1,2507", REJECTED


WRITER: Final = Writer("httpproxy", lambda deed: deed.member.system == "httpproxy", _write)
