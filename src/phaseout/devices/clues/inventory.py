"""What a device inventory or a sign-in service says: ``key=value; key=value``, values percent-encoded."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from phaseout.devices.android_models import android_model
from phaseout.devices.apple_builds import build_from_text, listed_version
from phaseout.devices.apple_models import AppleModel, family, model_from_identifier
from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind
from phaseout.model.device import FORM_FACTORS, Device, Grade

KEYS: Final = ("maker", "model", "model_id", "os", "os_version", "build", "form_factor", "name", "managed")
"""The keys that may stand in the value; others are passed over."""

_SYSTEMS: Final = (
    (r"ipad ?os", "ipados"),
    (r"ios|iphone ?os", "ios"),
    (r"mac ?os|os x|mac$|darwin", "macos"),
    (r"watch ?os", "watchos"),
    (r"tv ?os", "tvos"),
    (r"harmony ?os|openharmony", "harmonyos"),
    (r"aurora", "aurora"),
    (r"sailfish", "sailfish"),
    (r"android", "android"),
    (r"chrome ?os|chromium ?os|cros", "chromeos"),
    (r"windows ?(?:phone|mobile)|winphone", "windows-phone"),
    (r"windows|win\d*\b", "windows"),
    (r"linux|ubuntu|debian|fedora|red ?hat|astra|alt |redos|rosa", "linux"),
    (r"kaios", "kaios"),
    (r"tizen", "tizen"),
    (r"blackberry", "blackberry"),
)
"""Systems as inventories write them, by the opening."""

_VERSION: Final = re.compile(r"\d+(?:\.\d+)*")

_SHAPES: Final = {"macos": "desktop", "ipados": "tablet", "watchos": "watch", "tvos": "tv", "windows-phone": "phone"}


def _read(value: str) -> Device:
    """Read the fields and what the tables add to them."""
    fields = _fields(value)
    if not fields:
        return Device(grade=Grade.WEAK, reason="The inventory record has none of the known fields.")
    platform, named_version = _system(fields.get("os", ""))
    apple = _apple_model(fields)
    if apple and platform in {None, "ios"}:
        platform = apple.platform
    android = android_model(fields.get("model_id") or fields.get("model") or "") if not apple else None
    maker = fields.get("maker") or (
        "Apple" if apple or platform in _APPLE else android.maker if android and platform == "android" else None
    )
    stated = fields.get("form_factor", "").casefold()
    only_claimed = fields.get("managed", "").casefold() == "no"
    return Device(
        maker="Apple" if maker and re.match(r"(?i)apple\b", maker) else maker,
        platform=platform,
        platform_version=_version(fields.get("os_version", "")) or named_version,
        build=fields.get("build"),
        model_id=(apple.model_id if apple else None) or fields.get("model_id"),
        model=(apple.name if apple else None) or fields.get("model"),
        form_factor=stated if stated in FORM_FACTORS else _shape(apple, platform, android.form_factor if android else None),
        grade=Grade.CLAIMED if only_claimed else Grade.MANAGED,
        reason=f"The service's record has it{_called(fields)} from the client itself."
        if only_claimed
        else f"A device inventory knows it{_called(fields)}.",
        contradictions=_against(maker, platform, apple),
        version_is_whole=platform in {"ios", "ipados"} and _is_whole(fields),
    )


_APPLE: Final = frozenset({"ios", "ipados", "macos", "watchos", "tvos"})


def _fields(value: str) -> dict[str, str]:
    """The known keys with their values, the first of a repeated key."""
    fields: dict[str, str] = {}
    for part in value.split(";"):
        key, _, text = part.partition("=")
        name = key.strip().casefold()
        word = unquote(text.strip(), errors="replace").strip()
        if name in KEYS and word:
            fields.setdefault(name, word)
    return fields


def _system(text: str) -> tuple[str | None, str | None]:
    """The platform that a system's name means, and a version that stands in the name itself (``Windows 10``)."""
    if not text or text.casefold() == "unknown":
        return None, None
    platform = next((platform for pattern, platform in _SYSTEMS if re.match(pattern, text, re.IGNORECASE)), "other")
    return platform, _version(text)


def _version(text: str) -> str | None:
    """The first dotted number of a text, or None."""
    found = _VERSION.search(text)
    return found[0] if found else None


def _is_whole(fields: dict[str, str]) -> bool:
    """Whether the record's build says that its version is the whole one."""
    build = build_from_text(fields.get("build", ""))
    version = _version(fields.get("os_version", ""))
    return build is not None and version is not None and listed_version(build) == version


def _apple_model(fields: dict[str, str]) -> AppleModel | None:
    """The Apple model that the record names by identifier or by family, or None."""
    for key in ("model_id", "model"):
        text = fields.get(key, "")
        model = model_from_identifier(text)
        if model:
            return model
    text = fields.get("model", "")
    found = re.match(r"(?i)(iphone|ipad|ipod|macbook|imac|mac mini|mac pro|mac studio|apple watch|apple tv)\b", text)
    return family(found[1].replace("apple ", "").replace("Apple ", "").replace(" studio", "")) if found else None


def _shape(apple: AppleModel | None, platform: str | None, android: str | None) -> str | None:
    """The shape that the model or the platform settles."""
    if apple:
        return apple.form_factor
    return android if platform in {"android", "harmonyos"} else _SHAPES.get(platform or "")


def _called(fields: dict[str, str]) -> str:
    """How the record calls the device."""
    name = fields.get("name") or fields.get("model") or fields.get("model_id")
    return f" as {name}" if name else ""


def _against(maker: str | None, platform: str | None, apple: AppleModel | None) -> tuple[str, ...]:
    """What does not fit within the record itself."""
    against = []
    is_apple = bool(maker and maker.casefold().startswith("apple"))
    if maker and platform in _APPLE and not is_apple:
        against.append(f"The record says maker {maker} and an operating system of Apple's.")
    if platform and platform not in _APPLE and (apple or (is_apple and platform not in {"windows", "linux", "other"})):
        against.append(f"The record says a device of Apple's and the operating system {platform}.")
    return tuple(against)


CLUE: Final = ClueReader(ClueKind.INVENTORY, _read)
