"""Android model names and codes: who makes them, and whether they are phones or tablets."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

_BRANDS: Final = {
    "samsung": "Samsung", "huawei": "Huawei", "honor": "Honor", "xiaomi": "Xiaomi", "redmi": "Xiaomi", "poco": "Xiaomi", "htc": "HTC",
    "lge": "LG", "lg": "LG", "sonyericsson": "Sony Ericsson", "sony": "Sony", "motorola": "Motorola", "moto": "Motorola", "mot": "Motorola",
    "lenovo": "Lenovo", "asus": "Asus", "acer": "Acer", "alcatel": "Alcatel", "tcl": "TCL", "zte": "ZTE", "oppo": "OPPO", "oneplus": "OnePlus",
    "realme": "Realme", "vivo": "vivo", "meizu": "Meizu", "micromax": "Micromax", "karbonn": "Karbonn", "lava": "Lava", "intex": "Intex",
    "spice": "Spice", "celkon": "Celkon", "xolo": "Xolo", "panasonic": "Panasonic", "sharp": "Sharp", "kyocera": "Kyocera", "fujitsu": "Fujitsu",
    "toshiba": "Toshiba", "dell": "Dell", "hp": "HP", "blackberry": "BlackBerry", "philips": "Philips", "archos": "Archos",
    "prestigio": "Prestigio", "wiko": "Wiko", "gionee": "Gionee", "coolpad": "Coolpad", "tecno": "Tecno", "infinix": "Infinix", "itel": "itel",
    "doogee": "Doogee", "cubot": "Cubot", "ulefone": "Ulefone", "blackview": "Blackview", "oukitel": "Oukitel", "leagoo": "Leagoo",
    "elephone": "Elephone", "umidigi": "Umidigi", "fairphone": "Fairphone", "bq": "BQ", "medion": "Medion", "fly": "Fly", "explay": "Explay",
    "digma": "Digma", "texet": "teXet", "oysters": "Oysters", "irbis": "Irbis", "dexp": "DEXP", "highscreen": "Highscreen", "vertu": "Vertu",
    "pantech": "Pantech", "casio": "Casio", "benq": "BenQ", "vodafone": "Vodafone", "nokia": "Nokia", "hmd": "HMD", "nvidia": "Nvidia",
    "hisense": "Hisense", "haier": "Haier", "blu": "Blu", "walton": "Walton", "symphony": "Symphony", "qmobile": "QMobile", "advan": "Advan",
    "evercoss": "Evercoss", "allview": "Allview", "cube": "Cube", "onda": "Onda", "teclast": "Teclast", "chuwi": "Chuwi", "trekstor": "Trekstor",
    "odys": "Odys", "hyundai": "Hyundai", "intenso": "Intenso", "modecom": "Modecom", "goclever": "GoClever", "overmax": "Overmax",
    "wexler": "Wexler", "ritmix": "Ritmix", "ployer": "Ployer", "iconbit": "iconBIT", "bravis": "Bravis", "nomi": "Nomi", "impression": "Impression",
    "logicom": "Logicom", "danew": "Danew", "storex": "Storex", "zopo": "Zopo", "thl": "THL", "jiayu": "Jiayu", "ramos": "Ramos",
    "polaroid": "Polaroid", "viewsonic": "ViewSonic", "nabi": "Nabi", "msi": "MSI", "gigabyte": "Gigabyte", "konka": "Konka", "wileyfox": "Wileyfox",
    "letv": "LeEco", "leeco": "LeEco", "smartisan": "Smartisan", "yota": "Yota", "iball": "iBall", "amazon": "Amazon", "google": "Google",
    "siemens": "Siemens", "sagem": "Sagem", "palm": "Palm", "nubia": "ZTE", "hihonor": "Honor", "tct": "Alcatel", "kobo": "Kobo",
    "videocon": "Videocon", "swipe": "Swipe", "lyf": "LYF", "multilaser": "Multilaser", "positivo": "Positivo", "vestel": "Vestel",
    "ergo": "Ergo", "bravo": "Bravo", "turbopad": "TurboPad", "supra": "Supra", "beeline": "Beeline", "megafon": "MegaFon", "mts": "MTS",
    "yandex": "Yandex", "inoi": "INOI", "f+": "F+", "aquarius": "Aquarius", "mig": "MIG", "bluebird": "Bluebird", "umi": "Umidigi", "zuk": "ZUK",
    "aoc": "AOC", "mobiistar": "Mobiistar", "smart": "", "i-mobile": "i-mobile", "ainol": "Ainol", "jolla": "Jolla", "homtom": "HomTom",
}  # fmt: skip
"""Makers by the first word of a model name, case-folded; empty where the word opens names of several makers."""


@dataclass(frozen=True, slots=True)
class AndroidModel:
    """What a model name says; None is "cannot tell".

    Attributes:
        maker: the maker's trade name.
        model_id: the name without the maker's.
        form_factor: ``phone``, ``tablet``, ``tv`` and so on.
    """

    maker: str | None = None
    model_id: str | None = None
    form_factor: str | None = None


_CODES: Final[tuple[tuple[str, str, str | None], ...]] = (
    (r"SM-[TPX]\d{3}|GT-P\d{4}|GT-N(?:51|80)\d\d|SGH-[IT]\d*(?:957|987|849|859|497)|SC-01C|SHV-E230|SHW-M(?:180|380|480)|SCH-I[89][01]5\b|SPH-P", "Samsung", "tablet"),
    (r"SM-R\d{3}|Gear", "Samsung", "watch"),
    (r"SM-[A-Z]\d{3}|GT-[A-Z]\d{4}|(?:SGH|SCH|SPH|SHV|SHW)-|SC-\d\d[A-Z]|Galaxy|SAMSUNG|EK-GC\d{3}", "Samsung", None),
    (r"KF[A-Z]{2,6}\b|Kindle|Fire HD|AFT[A-Z]", "Amazon", "tablet"),
    (r"SD4930UR", "Amazon", "phone"),
    (r"Nexus (?:7|9|10)\b|Pixel (?:C|Tablet)\b", "Google", "tablet"),
    (r"(?:Galaxy )?Nexus\b|Pixel\b", "Google", "phone"),
    (r"[A-Z]{3}\d?-W\d\d|MediaPad|IDEOS S7|(?:BAH|AGS|AGR|BTV|CMR|KOB|JDN|BG2|SCM|VRD|DBY|BZT|BZK|SHT|MON|KJR|MRX|GOT)\d?-[AL]\w\d\d|T1-\d|S7-\d", "Huawei", "tablet"),
    (r"[A-Z]{3}-(?:L|AL|TL|UL|CL|LX|N|AN|TN|NX|DL)\w?\d+\w*|[A-Z]{3}\d?-(?:AL|TL)\d\d|HUAWEI|IDEOS|U8\d{3}\b|Ascend|CHM-U\w+|Che\d-\w+|hi6210sft", "Huawei", None),
    (r"SGP\d{3}|SGPT\d\d|Xperia Tablet|Sony Tablet|SO-0[35][EFG]|SOT\d\d", "Sony", "tablet"),
    (r"Xperia|SO-\d\d[A-Z]|SOL\d\d|SOV\d\d|[CDEFGHIJ]\d{4}\b(?!.)|X[QZ]-[A-Z]{2}\d\d|[LMS][TKW]\d\d[ia]\w?\b|LT\d\d\w", "Sony", "phone"),
    (r"[XERSUWZM]\d\d[ia]v?\b|WT\d\d[ia]|SK\d\d[ia]|MK\d\d[ia]|ST\d\d[ia]|MT\d\d[ia]|CK\d\d[ia]", "Sony Ericsson", "phone"),
    (r"LG-(?:V\d{3}|VK\d{3}|UK\d{3})|VK\d{3}|L-06C|Optimus Pad", "LG", "tablet"),
    (r"LM-[A-Z]+\d|LG|VS\d{3}|L-\d\d[A-Z]|AS\d{3}\b|AN\d{3}\b|LS\d{3}\b|Optimus", "LG", None),
    (r"Xoom|MZ\d{3}|XYBOARD", "Motorola", "tablet"),
    (r"XT\d{3,4}|MB\d{3}|ME\d{3}\+?(?=$)(?<=ME860)|Moto\b|moto|DROID|Droid|Milestone|A(?:953|955|854|853|855)\b", "Motorola", "phone"),
    (r"(?:ASUS[ _])?(?:P0\w\w|K0\w\w|ME\d{3}\w*|TF\d{3}\w*|T00\w)\b|Transformer|Slider SL101|ASUS Tablet", "Asus", None),
    (r"ASUS_|ZenFone|PadFone", "Asus", "phone"),
    (r"IdeaTab|IdeaPad|ThinkPad|Yoga Tablet|TB\d?-\w+|YT\d?-\w+|YB\d?-\w+|A(?:3000|5500|7600|3500|3300|2107|1000[LG]|2109|1107)-?[A-Z]*\b|S6000|S5000|B[68]0[08]0-[A-Z]", "Lenovo", "tablet"),
    (r"A\d-\d{3}|A\d-A\d\d|B\d-[A7]\d\d?\d?|W3-810|ICONIA|A(?:100|101|110|200|210|211|500|501|510|511|700|701)\b", "Acer", "tablet"),
    (r"MI PAD|Mi Pad|MiPad|Redmi Pad|Xiaomi Pad|2\d{6}RP\w+", "Xiaomi", "tablet"),
    (r"MI(?:-ONE| \w|X)|Mi (?:\w|-)|Redmi|POCO|HM(?: |\d)|M2\d{3}[A-Z]\w+|2\d{3,7}[A-Z]\w{2,4}\b|20\d{5}\b", "Xiaomi", "phone"),
    (r"CPH\d{4}|P[A-Z]{3}\d\d\b|R\d{3,4}[a-z]?\b(?=$)|X9\d{3}\b", "OPPO", "phone"),
    (r"RMX\d{4}", "Realme", "phone"),
    (r"ONEPLUS|OnePlus|[ABGHIKL][CDEN]\d{4}\b|One\b(?= A2)|A000\d\b", "OnePlus", "phone"),
    (r"vivo|V2\d{3}[A-Z]?\b|V1\d{3}[A-Z]\w?\b", "vivo", "phone"),
    (r"TA-1\d{3}|Lumia|Nokia", "Nokia", "phone"),
    (r"M\d{3}[A-Z]?\b(?<=M35\d)|MX\d\b|m\d note|PRO [567]\b", "Meizu", "phone"),
    (r"Desire|Sensation|Incredible|Wildfire|EVO\b|ADR6\d{3}|PC36100|PG\d{5}|Butterfly|Legend\b|Hero\b|Dream\b|T-Mobile (?:G1|myTouch)", "HTC", "phone"),
    (r"Flyer|Jetstream|P510e", "HTC", "tablet"),
    (r"PMP\d{4}\w*|PMT\d{4}\w*", "Prestigio", "tablet"),
    (r"PAP\d{4}\w*|PSP\d{4}\w*", "Prestigio", "phone"),
    (r"BNTV\d{3}\w?|BNRV\d{3}\w?|NOOK|Nook", "Barnes & Noble", "tablet"),
    (r"PlayBook", "BlackBerry", "tablet"),
    (r"TouchPad|HP Slate|Slate \d|HP-tablet|HP 7|HP 8|HP 10", "HP", "tablet"),
    (r"Venue|Streak 7|Streak 10", "Dell", "tablet"),
    (r"Streak", "Dell", "phone"),
    (r"LIFETAB", "Medion", "tablet"),
    (r"one ?touch|ONE TOUCH|ONETOUCH|Alcatel|OT-\d{3}", "Alcatel", None),
    (r"AT\d{3}\b|FOLIO|TOSHIBA", "Toshiba", "tablet"),
    (r"SHIELD Tablet|TegraNote", "Nvidia", "tablet"),
    (r"SHIELD Android TV", "Nvidia", "tv"),
    (r"Aquaris M10|Edison|Maxwell|Curie\b|Elcano|Kepler", "BQ", "tablet"),
    (r"Aquaris", "BQ", "phone"),
    (r"VF[- ]?\d{4}|VFD[ _]\d{3,4}|Vodafone|SmartTab", "Vodafone", None),
    (r"FP[1-6]\b", "Fairphone", "phone"),
    (r"SH-?\d\dl?\w?\b|SHL\d\d|AQUOS|\d{3}SH\b|IS\d\dSH", "Sharp", "phone"),
    (r"F-\d\d[A-Z]\b|ARROWS|M0[1-5]\b", "Fujitsu", "phone"),
    (r"N-\d\d[A-Z]\b|NEC", "NEC", "phone"),
    (r"KY[LTV]\d\d|\d{3}KC\b|URBANO|DIGNO", "Kyocera", "phone"),
    (r"IM-A\d{3}", "Pantech", "phone"),
    (r"Le X\d+|LEX\d+|Letv", "LeEco", "phone"),
    (r"LS-\d{4}", "LYF", "phone"),
    (r"Z\d{3}\b(?=$)|BLADE|Blade|N9\d{3}\b|NX\d{3}J\w?|V9\+?\b|Orange San", "ZTE", "phone"),
)  # fmt: skip
"""Model codes by their shape: a pattern at the start of the name, the maker, and the shape where the code settles it. Collected from the makers' own naming, as the tables beside this show it."""

_CODE: Final = re.compile("|".join(f"(?P<c{number}>{pattern})" for number, (pattern, _, _) in enumerate(_CODES)))

_TABLET: Final = re.compile(
    r"(?i)tablet|\btab\b|tab\d|\w+tab\b|\bpad\b|pad ?\d|\w{2}pad\b(?<!padfone)|\bslate|xoom|iconia|folio\b|\bmid\b|mid\d{3,4}|nettab"
)

_TV: Final = re.compile(r"(?i)\btv\b|smart-?tv|\bbox\b|settop|chromecast|bravia|mibox|shield android tv|aft[bmnst]\w*\b")

_FORMS: Final = {"p": "phone", "t": "tablet", "": None}


@lru_cache(maxsize=8192)
def android_model(name: str) -> AndroidModel:
    """Say what a model name tells.

    Args:
        name: as an agent writes it, with or without the maker before it: ``SM-G991B``, ``HUAWEI P30``, ``Lenovo TB-X606F``.

    Returns:
        The maker, the model and the shape, each None when the name does not tell it.

    Example:
        >>> android_model("SM-T860")
        AndroidModel(maker='Samsung', model_id='SM-T860', form_factor='tablet')
    """
    name = name.strip(" ;,/").replace("_", " ").removesuffix(" Build").strip()
    if not name:
        return AndroidModel()
    maker, rest = _brand(name)
    listed = _listed(rest) or _listed(name)
    code_maker, code_form = _by_code(rest)
    if maker and code_maker != maker:
        code_form = None
    form = code_form or (listed.form_factor if listed else None) or _form_of_name(name)
    return AndroidModel(maker or (listed.maker if listed else None) or code_maker, rest, form)


def _brand(name: str) -> tuple[str | None, str]:
    """The maker that the name opens with, and the rest of the name."""
    first, _, rest = name.partition(" ")
    if not rest and "-" in name:
        head, _, tail = name.partition("-")
        if tail and head.casefold() in _BRANDS:
            first, rest = head, tail
    maker = _BRANDS.get(first.casefold())
    if not maker:
        return None, name
    return maker, rest.strip() or name


def _by_code(name: str) -> tuple[str | None, str | None]:
    """The maker and the shape that the code's own form tells."""
    found = _CODE.match(name)
    if not found or not found.lastgroup:
        return None, None
    _, maker, form = _CODES[int(found.lastgroup[1:])]
    return maker, form


def _form_of_name(name: str) -> str | None:
    """The shape that the words of the name tell."""
    if _TV.search(name):
        return "tv"
    return "tablet" if _TABLET.search(name) else None


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table of models."""

    maker: str | None
    form_factor: str | None


def _listed(name: str) -> _Row | None:
    """The table's row of a model, or None."""
    return _table().get(name.casefold())


@cache
def _table() -> dict[str, _Row]:
    """Models by their case-folded names; see tables/SOURCES.md."""
    rows: dict[tuple[str, str], _Row] = {}
    with (files("phaseout.devices") / "tables" / "android_models.csv").open(encoding="utf-8") as table:
        lines = csv.reader(table)
        next(lines)
        return {model: rows.setdefault((maker, form), _Row(maker or None, _FORMS.get(form))) for model, maker, form in lines}
