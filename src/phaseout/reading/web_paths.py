"""Which paths of web servers are work services, whom they name, and which are no use: patterns, as RE2 reads them."""

from __future__ import annotations

from typing import Final

ANYWHERE: Final = r"^/(?:[\w.-]+/){0,2}?"
"""Groupware is often installed one or two folders down, such as ``/nextcloud`` or ``/intern/webmail``."""

_ADDRESS: Final = r"[^/]*(?:@|%40)[^/]*"
"""An address as a folder's name: in Zimbra's paths, and hardly on other sites."""

_OWN: Final = r"(?:inbox|sent|drafts|junk|trash|calendar|contacts|emailed(?: |%20|\+)contacts|tasks|briefcase)"
"""Folders that every mailbox of Zimbra's has."""

_FORMS: Final = r"(?:\.(?:rss|atom|ics|ifb|tgz))"
"""In which forms Zimbra gives a whole folder, and ordinary sites hardly a file of such a name."""

_SOGO: Final = r"^/sogo[^/]*/(?:(?:sogo(?:\.woa)?|so|dav)/)*"
"""SOGo takes whatever stands first for its own name, and its handlers' names in any number; without one, ``so`` is meant."""

PATHS: Final = (
    (r"/microsoft-server-activesync", "mail", "activesync"),
    (r"^/mapi/nspi", "directory", "mapi"),
    (r"^/mapi/emsmdb|^/rpc/rpcproxy", "mail", "mapi"),
    (r"^/ews/|^/autodiscover/", "mail", "ews"),
    (r"^/owa(/|$)", "mail", "webmail"),
    (r"^/api/(v[12]\.0|beta)/(me|users\('[^/]*)(/|$)", "mail", "rest"),
    (r"^/sogo[^/]*/dav/[^/]+/contacts(/|$)|^/\.well-known/carddav", "contacts", "carddav"),
    (r"^/sogo[^/]*/dav/|^/\.well-known/caldav", "calendar", "caldav"),
    (_SOGO + r"[^/]+/calendar(/|$)", "calendar", "webmail"),
    (_SOGO + r"[^/]+/contacts(/|$)", "contacts", "webmail"),
    (_SOGO + r"([^/]+/mail(/|$)|so/[^/]+/)", "mail", "webmail"),
    (ANYWHERE + r"remote\.php/(dav/addressbooks|carddav)(/|$)", "contacts", "carddav"),
    (ANYWHERE + r"remote\.php/(dav/(calendars|principals)|caldav)(/|$)", "calendar", "caldav"),
    (ANYWHERE + r"remote\.php/(dav/files|webdav)(/|$)", "files", "rest"),
    (ANYWHERE + r"apps/files(/|$)", "files", "webmail"),
    (ANYWHERE + r"public\.php/(web)?dav(/|$)", "files", "webmail"),
    (ANYWHERE + r"apps/mail(/|$)", "mail", "webmail"),
    (ANYWHERE + r"apps/calendar(/|$)", "calendar", "webmail"),
    (ANYWHERE + r"apps/contacts(/|$)", "contacts", "webmail"),
    (
        ANYWHERE + r"(carddav(\.php)?|card\.php|dav(\.php)?/addressbooks)(/|$)|^/addressbooks/(users|__uids__)/"
        r"|^/dav/[^/]+/(emailed(%20|\+| ))?contacts(/|$)"
        r"|" + ANYWHERE + r"groupdav\.php/([^/]+/)?addressbook"
        r"|^/radicale/[^./][^/]*/([^/]*(contacts|addressbook)|.*\.vcf$)",
        "contacts",
        "carddav",
    ),
    (
        ANYWHERE + r"(caldav(\.php)?|cal\.php|dav(\.php)?/(calendars|principals))(/|$)|^/(calendars|principals)/(users|__uids__)/"
        rf"|^/dav/({_ADDRESS}(/|$)|[^/]+/{_OWN}(/|$))"
        r"|" + ANYWHERE + r"groupdav\.php(/|$)|^/radicale/[^./][^/]*/",
        "calendar",
        "caldav",
    ),
    (r"^/service/home/[^/]+/[^?]*calendar|^/home/[^/]+/calendar(/|\.ics|$)", "calendar", "webmail"),
    (r"^/service/home/[^/]+/[^?]*contacts|^/home/[^/]+/contacts(/|\.csv|$)", "contacts", "webmail"),
    (rf"^/service/(home|soap|upload|extension)(/|$)|^/home/(~|{_ADDRESS})/|^/home/[^/]+/{_OWN}{_FORMS}?(/|$)", "mail", "webmail"),
    (ANYWHERE + r"horde/kronolith(/|$)", "calendar", "webmail"),
    (ANYWHERE + r"horde/turba(/|$)", "contacts", "webmail"),
    (
        ANYWHERE
        + r"(roundcube(mail)?|webmail\d?|zimbra|carbonio|rainloop|snappymail|squirrelmail|afterlogic|horde|worldclient\.dll)"
        r"(/|$)|^/mail(/|$)|" + ANYWHERE + r"src/(webmail|(left|right)_main|read_body)\.php$",
        "mail",
        "webmail",
    ),
)
"""Which path is which work service and door: a pattern (any case), the service, the protocol; the first that fits counts.

Exchange: ActiveSync, MAPI over HTTP, Outlook Anywhere, EWS, autodiscover, OWA, REST. SOGo and mailcow: ``/SOGo/so`` is the web
client, ``/SOGo/dav`` the calendars and address books. Nextcloud: ``remote.php``, ``public.php`` and ``apps``. Zimbra: ``/dav``,
``/home``, ``/service``. EGroupware: ``groupdav.php``. SquirrelMail: pages in ``src``. Then webmail and DAV servers by the folder
in which they are installed; behind Radicale's stands a user. A word that any site may have for a folder (``mail``, ``home``,
``dav``, ``cal``, ``src``) is one only where such a server has it. Exchange's ``/ecp``, ``/oab`` and ``/powershell``
hold settings, the address book's file and administration: no use of mail.
"""

TASKS: Final = (("mail", "mail"), ("addressbook", "contacts"), ("calendar", "calendar"), ("login", "mail"))
"""Roundcube names its part in the query (``?_task=mail``), wherever it is installed: the task, and the service."""

ROUTES: Final = r"(?i)^/(?:json|ajax|raw|upload|append)/&q(?:\[\]|%5b%5d)="
"""RainLoop and SnappyMail ask their own page for everything, wherever it is installed (``/?/Json/&q[]=/0/…``)."""

EWS_PROGRAMS: Final = (
    (r"(?:^|[^a-z])address(?:%20|\+| )?book(?:core|sourcesync)?/", "contacts"),
    (r"(?:^|[^a-z])(?:calendaragent|calendarstore|ical|dataaccessd)/", "calendar"),
)
"""Apple's programs (any case) that open one service alone by EWS, which has one path for all: what they call themselves, and the
service. ``dataaccessd`` keeps address books, too."""

OWNERS: Final = (
    r"(?i)^/sogo[^/?]*/(?:(?:sogo(?:\.woa)?|so|dav)/)+([^/?]+)/",
    r"(?i)^/sogo[^/?]*/([^/?]+)/(?:mail|calendar|contacts)(?:/|$)",
    r"(?i)/remote\.php/dav/(?:calendars|files|addressbooks/users|principals/users)/([^/?]+)",
    r"(?i)^/(?:dav\.php/|dav/)?(?:calendars|addressbooks|principals)/(?:users/|__uids__/)?([^/?]+)",
    r"(?i)^/dav/([^/?]+)/",
    r"(?i)/groupdav\.php/principals/users/([^/?]+)",
    r"(?i)/groupdav\.php/([^/?]+)/(?:calendar|addressbook|infolog)",
    r"(?i)^/radicale/([^./?][^/?]*)/",
)
"""Paths that name whose mailbox, calendar or address book a client opens: its own, even where another's is shared with it. Who
signed in counts first. Zimbra's ``/home/<name>`` is not among them: what somebody has published there, anybody may fetch."""

SESSIONS: Final = r"(?i)^/sogo[^/?]*/(?:(?:(?:sogo(?:\.woa)?|dav)/)*so/(?:(?:sogo(?:\.woa)?|so|dav)/)*)?([^/?]+)/"
"""Paths that name whom a web client has signed in: a password that is sent beside its cookie is looked at by nobody. Whoever is
not signed in gets the page to sign in there, with the status 200, whatever is asked for (SOGo 5.8, tried)."""

PROVEN_PATHS: Final = "(?i)" + _SOGO + r"[^/?]+/mail/"
"""Where the same client answers 204, for a message that was marked or moved: to whom the path names, and to nobody else."""

SHARED_PATHS: Final = r"(?i)^/(?:service/)?home/"
"""Where Zimbra gives anybody what somebody has published."""

LINK_PATHS: Final = r"(?i)/public\.php/"
"""Where Nextcloud and ownCloud give files to whoever has a link: what stands for a user there is the link's token."""

UPWARDS: Final = 3
"""How many steps upwards a path may take before it is no way to a mailbox any more, but somebody's game."""

NOBODY: Final = (
    "public", "users", "calendars", "addressbooks", "principals", "files", "~", "so", "dav", "sogo", "sogo.woa",
    "webserverresources", "microsoft-server-activesync",
)  # fmt: skip
"""What may stand where a path names its owner, and is none."""

PAGE_PARTS: Final = r"(?i)(?:\.(?:js|css|png|gif|jpe?g|svg|ico|woff2?|ttf|map|eot)|/robots\.txt)$"
"""Pictures, styles and scripts of a page: fetched with it, not a use of their own."""

CONTENT_PATHS: Final = (
    r"(?i)/remote\.php/|/dav(?:\.php)?/|^/(?:service/)?home/|^/owa/.*attachment|^/owa/service\.svc|^/ews/|^/api/"
    r"|" + _SOGO + r"[^/]+/(?:mail|calendar|contacts)/"
)
"""Where people's own files and attachments lie, pictures among them: none of those is a part of a page."""

PROBE_PATHS: Final = r"(?i)/(healthcheck\.htm|exhealth\.check|healthz?)$"
"""Pages that balancers fetch to see whether a server lives."""

PROBE_LOGINS: Final = r"(?i)^(?:[\w.-]+\\)?(?:healthmailbox|extest_)"
"""Mailboxes that Exchange's own monitoring signs in with. A program that signs in as anybody else is seen, whatever it calls
itself: what it calls itself is its own word."""

PRESENCE_TARGETS: Final = (
    r"(?i)^/owa/(ping|keepalive)\.owa|^/owa/ev\.owa2?\?.*ns=pendingrequest|[?&]_action=(refresh|keep-alive|check-recent)(&|$)"
)
"""Requests by which an open page only keeps its session alive: OWA's and Roundcube's own."""

SET_UP_PATHS: Final = r"(?i)^/autodiscover/|^/\.well-known/|/principals(/|$)|^/owa/auth(/|\.owa|$)"
"""By which a client finds its server and its own collections, and OWA's page to sign in."""
