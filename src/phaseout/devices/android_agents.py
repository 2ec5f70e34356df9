"""Agents on Android and its kin: where the model stands in them, and what else tells a phone from a tablet."""

from __future__ import annotations

import re
from typing import Final

from phaseout.devices.android_models import AndroidModel, android_model

_BUILD: Final = re.compile(r"(?:^|[;(/,])\s*([^;(),]{1,60}?)[ ;]+Build[/;) ]", re.IGNORECASE)

_BRACKET: Final = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)?")

_SYSTEM_WORD: Final = re.compile(r"android|linux|adr |midp|harmony", re.IGNORECASE)

_TABLET: Final = re.compile(r"\bTablet\b")

_MOBILE: Final = re.compile(r"\bMobi(?:le)?(?:\b|Safari)|MobileSafari|Opera Mobi")

_CHROME: Final = re.compile(r"\bChrome/\d")

_TABLET_WITHOUT: Final = re.compile(r"\bChrome/\d|Version/4\.0 Safari|Firefox/(?!.*Sailfish)")

_FACEBOOK: Final = re.compile(r"FBMF/([^;]+);.*?FBDV/([^;]+);|FBDV/([^;]+);.*?FBMF/([^;]+);")

_DIANPING: Final = re.compile(r"MApi [\d.]+ \(\S+ \S+ \S+ ([^;]+);")

_NO_MODEL: Final = re.compile(
    r"(?:linux(?: .*)?|u|n|i|k|wv|mobile|tablet|touch|x11|android.*|adr .*|[a-z]{2,3}(?:[-_][a-z]{2,4})*(?:[-_]#\w+)?|"
    r"rv:.*|[\d.]+|harmonyos.*|hmscore.*|gmscore.*|opera .*|midp.*|x86(?:_64)?|armv?\w*|i\d86|windows.*|ucweb.*|desktop|"
    r"compatible|ucbrowser.*|\w+/[\d.]+|generic|unknown|phone|openharmony.*|sailfish.*|aurora.*|maemo|build)",
    re.IGNORECASE,
)
"""Parts of an agent's bracket that are no model: systems, locales, versions, the frozen K."""

_TV: Final = re.compile(
    r"\bAFT[A-Z]{1,4}\d*\b|(?i:\b(?:GoogleTV|Google TV|Android TV|SMART-TV|SmartTV|TV Box|BRAVIA|CrKey|Chromecast)\b)"
)


def agent_model(text: str) -> AndroidModel:
    """Find the model that an agent names and say what it tells.

    Args:
        text: the agent, plain.

    Returns:
        The model; all None when the agent names none, as reduced Chrome agents (``Android 10; K``) do.
    """
    facebook = _FACEBOOK.search(text) if "FBMF/" in text else None
    if facebook:
        maker, model = (facebook[1], facebook[2]) if facebook[1] else (facebook[4], facebook[3])
        return android_model(model if maker.casefold() in model.casefold() else f"{maker} {model}")
    name = _name(text)
    if name is None:
        return AndroidModel()
    if "SamsungBrowser/" in text and name.startswith("SAMSUNG "):
        return android_model(name[len("SAMSUNG ") :])
    return android_model(name)


def _name(text: str) -> str | None:
    """The model's name as the agent writes it, or None."""
    dianping = _DIANPING.search(text) if "MApi" in text else None
    if dianping:
        return dianping[1]
    built = _BUILD.search(text) if "uild" in text else None
    if built and not _NO_MODEL.fullmatch(built[1].strip()):
        return built[1]
    bracket = next((found[1] for found in _BRACKET.finditer(text) if _SYSTEM_WORD.search(found[1])), None)
    if bracket is None:
        return None
    parts = [part.strip() for part in bracket.split(";")]
    names = [part for part in parts if part and not _NO_MODEL.fullmatch(part)]
    return names[-1].rpartition(" / ")[2] if names else None


def agent_form(text: str, model: AndroidModel, version: str | None) -> str | None:
    """Say whether an agent is of a phone, a tablet or a television.

    Args:
        text: the agent, plain.
        model: what the model tells.
        version: of Android, or None.

    Returns:
        One of ``FORM_FACTORS``, or None.
    """
    if version and version.startswith("3.") and "Sailfish" not in text:
        return "tablet"
    if model.form_factor:
        return model.form_factor
    low = text.lower()
    # Words first: to look for them costs a tenth of what the pattern does.
    if ("tv" in low or "aft" in low or "bravia" in low or "crkey" in low or "chromecast" in low) and _TV.search(text):
        return "tv"
    if "Chromebook" in text:
        return "desktop"
    if "Tablet" in text and _TABLET.search(text):
        return "tablet"
    return _form_by_browser(text, model)


_OWN_MOBILE: Final = re.compile(r"UCBrowser|UCWEB|bdbrowser|MQQBrowser|360 ?browser", re.IGNORECASE)
"""Browsers that say Mobile on tablets too."""


def _form_by_browser(text: str, model: AndroidModel) -> str | None:
    """The shape by the browser's own habit: Chrome and Android's own browser leave Mobile out on tablets."""
    if _MOBILE.search(text):
        unsure = _OWN_MOBILE.search(text) or not _CHROME.search(text)
        return "phone" if model.maker or not model.model_id or not unsure else None
    if _TABLET_WITHOUT.search(text):
        return "tablet"
    if "Opera Mini" in text:
        return "phone"
    return "phone" if model.maker else None
