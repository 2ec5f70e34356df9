"""Android model names and codes: who makes them, and whether they are phones or tablets."""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from msgspec import Struct

from phaseout.devices.huawei_codes import form_of_code, is_shared_code, opens_with_code

_BRANDS: Final = {
    "samsung": "Samsung", "huawei": "Huawei", "honor": "Honor", "xiaomi": "Xiaomi", "redmi": "Xiaomi", "poco": "Xiaomi",
    "htc": "HTC", "lge": "LG", "lg": "LG", "sonyericsson": "Sony Ericsson", "sony": "Sony", "motorola": "Motorola",
    "moto": "Motorola", "mot": "Motorola", "lenovo": "Lenovo", "asus": "Asus", "acer": "Acer", "alcatel": "Alcatel",
    "tcl": "TCL", "zte": "ZTE", "oppo": "OPPO", "oneplus": "OnePlus", "realme": "Realme", "vivo": "vivo", "meizu": "Meizu",
    "micromax": "Micromax", "karbonn": "Karbonn", "lava": "Lava", "intex": "Intex", "spice": "Spice", "celkon": "Celkon",
    "xolo": "Xolo", "panasonic": "Panasonic", "sharp": "Sharp", "kyocera": "Kyocera", "fujitsu": "Fujitsu",
    "toshiba": "Toshiba", "dell": "Dell", "hp": "HP", "blackberry": "BlackBerry", "philips": "Philips", "archos": "Archos",
    "prestigio": "Prestigio", "wiko": "Wiko", "gionee": "Gionee", "coolpad": "Coolpad", "tecno": "Tecno",
    "infinix": "Infinix", "itel": "itel", "doogee": "Doogee", "cubot": "Cubot", "ulefone": "Ulefone",
    "blackview": "Blackview", "oukitel": "Oukitel", "leagoo": "Leagoo", "elephone": "Elephone", "umidigi": "Umidigi",
    "fairphone": "Fairphone", "bq": "BQ", "medion": "Medion", "fly": "Fly", "explay": "Explay", "digma": "Digma",
    "texet": "teXet", "oysters": "Oysters", "irbis": "Irbis", "dexp": "DEXP", "highscreen": "Highscreen", "vertu": "Vertu",
    "pantech": "Pantech", "casio": "Casio", "benq": "BenQ", "vodafone": "Vodafone", "nokia": "Nokia", "hmd": "HMD",
    "nvidia": "Nvidia", "hisense": "Hisense", "haier": "Haier", "blu": "Blu", "walton": "Walton", "symphony": "Symphony",
    "qmobile": "QMobile", "advan": "Advan", "evercoss": "Evercoss", "allview": "Allview", "cube": "Cube", "onda": "Onda",
    "teclast": "Teclast", "chuwi": "Chuwi", "trekstor": "Trekstor", "odys": "Odys", "hyundai": "Hyundai",
    "intenso": "Intenso", "modecom": "Modecom", "goclever": "GoClever", "overmax": "Overmax", "wexler": "Wexler",
    "ritmix": "Ritmix", "ployer": "Ployer", "iconbit": "iconBIT", "bravis": "Bravis", "nomi": "Nomi",
    "impression": "Impression", "logicom": "Logicom", "danew": "Danew", "storex": "Storex", "zopo": "Zopo", "thl": "THL",
    "jiayu": "Jiayu", "ramos": "Ramos", "polaroid": "Polaroid", "viewsonic": "ViewSonic", "nabi": "Nabi", "msi": "MSI",
    "gigabyte": "Gigabyte", "konka": "Konka", "wileyfox": "Wileyfox", "letv": "LeEco", "leeco": "LeEco",
    "smartisan": "Smartisan", "yota": "Yota", "iball": "iBall", "amazon": "Amazon", "google": "Google", "siemens": "Siemens",
    "sagem": "Sagem", "palm": "Palm", "nubia": "ZTE", "hihonor": "Honor", "tct": "Alcatel", "kobo": "Kobo",
    "videocon": "Videocon", "swipe": "Swipe", "lyf": "LYF", "multilaser": "Multilaser", "positivo": "Positivo",
    "vestel": "Vestel", "ergo": "Ergo", "bravo": "Bravo", "turbopad": "TurboPad", "supra": "Supra", "beeline": "Beeline",
    "megafon": "MegaFon", "mts": "MTS", "yandex": "Yandex", "inoi": "INOI", "f+": "F+", "aquarius": "Aquarius", "mig": "MIG",
    "bluebird": "Bluebird", "umi": "Umidigi", "zuk": "ZUK", "aoc": "AOC", "mobiistar": "Mobiistar", "smart": "",
    "i-mobile": "i-mobile", "ainol": "Ainol", "jolla": "Jolla", "homtom": "HomTom", "tolino": "Tolino",
}  # fmt: skip
"""Makers by the first word of a model name, case-folded; empty where the word opens names of several makers."""


class AndroidModel(Struct, frozen=True):
    """What a model name says; None is "cannot tell".

    Attributes:
        maker: the maker's trade name.
        model_id: the name without the maker's.
        form_factor: ``phone``, ``tablet``, ``tv`` and so on.
    """

    maker: str | None = None
    model_id: str | None = None
    form_factor: str | None = None


_LONG_ENOUGH: Final = 4

_GLUED: Final = re.compile(
    rf"(?i:({'|'.join(name for name in _BRANDS if len(name) >= _LONG_ENOUGH and name.isalpha())}))(?=[A-Z\d])"
)
"""A brand written together with the model: ``LenovoA3300``, ``HUAWEIY300``."""

_DASHLESS: Final = re.compile(r"^(SM|GT|SGH|SCH|SPH)([A-Z]\d)")
"""Samsung's codes as ActiveSync DeviceTypes write them: ``SAMSUNGSMG991B``."""

_FIRST_WORD: Final = re.compile(r"([\w+&.]+)[ -]+(?=\S)")

_PHONES_ONLY: Final = frozenset({
    "HTC", "OnePlus", "Nokia", "Sony Ericsson", "Coolpad", "vivo", "OPPO", "Meizu", "Fairphone", "Realme", "Gionee", "Wiko",
    "Doogee", "Motorola", "LG", "Intex", "Spice", "Xolo", "Zopo", "THL", "Jiayu",
})  # fmt: skip
"""Makers whose devices are phones unless their name or code says otherwise."""

_CODES: Final[tuple[tuple[str, str, str | None], ...]] = (
    (r"Galaxy Nexus\b", "Samsung", "phone"),
    (r"Nexus (?:7|9|10)\b|Pixel (?:C|Tablet)\b", "Google", "tablet"),
    (r"Nexus\b|Pixel(?= ?(?:XL|\d|Fold)|$)", "Google", "phone"),
    (
        r"SM-[TPX]\d{3}|GT-P\d{4}|GT-N(?:51|80)\d\d|SGH-[IT](?:957|987|849|859|497)|SC-01C|SHV-E230|SHW-M(?:180|380|480)",
        "Samsung",
        "tablet",
    ),
    (r"SCH-I[89][01]5\b|SPH-P\d{3}|Galaxy Tab", "Samsung", "tablet"),
    (r"SM-R\d{3}|Gear\b", "Samsung", "watch"),
    (r"SM-[A-QSU-WZ]\d{3}|(?i:GT-[A-MO-Z]\d{4})|GT-N7\d{3}|(?:SGH|SCH|SPH|SHV|SHW)-", "Samsung", "phone"),
    (r"SC-\d\d[A-Z]|SCV?\d\d\b|Galaxy\b|GALAXY\b|SAMSUNG|EK-GC\d{3}", "Samsung", None),
    (r"KF[A-Z]{2,6}\b|Kindle|Fire HD", "Amazon", "tablet"),
    (r"AFT[A-Z]", "Amazon", "tv"),
    (r"SD4930UR", "Amazon", "phone"),
    (
        r"MediaPad|IDEOS S7|(?:BAH|AGS|AGR|BTV|CMR|KOB|JDN|BG2|SCM|VRD|DBY|BZT|SHT|MRX)\d?-[ALW]\w?\d\d|T1-\d",
        "Huawei",
        "tablet",
    ),
    (r"IDEOS|Ascend|CHM-U\w+|Che\d-\w+|hi6210sft", "Huawei", "phone"),
    (r"SGP\d{3}|SGPT\d\d|Xperia Tablet|Sony Tablet|SO-0[35]F|SO-03E|SOT\d\d", "Sony", "tablet"),
    (r"Xperia|SO-\d\d[A-Z]|SO[LV]\d\d|X[QZ]-[A-Z]{2}\d\d", "Sony", "phone"),
    (r"LG-V[K\d]\d{2}|LG-UK\d{3}|V[4-7]\d0\b|VK\d{3}|L-06C|Optimus Pad", "LG", "tablet"),
    (r"LM-[A-Z]+\d|LG[A-Z]*-|LG[LMEA][A-Z]?\w?\d|VS\d{3}|L-\d\d[A-Z]|Optimus", "LG", "phone"),
    (r"Xoom|MZ\d{3}|XYBOARD", "Motorola", "tablet"),
    (r"XT\d{3,4}|MB\d{3}|Moto\b|moto\b|DROID|Droid|Milestone|MOT-", "Motorola", "phone"),
    (r"TF\d{3}\w*|ME\d{3}[A-Z]+|Transformer|K0[01]\w\b|P0[0-2]\w\b", "Asus", "tablet"),
    (r"PadFone", "Asus", None),
    (r"Zen[Ff]one", "Asus", "phone"),
    (r"IdeaTab|Idea[Pp]ad|ThinkPad|Yoga Tab|TB\d?-\w+|YT\d?-\w+|YB\d?-\w+", "Lenovo", "tablet"),
    (r"B1-[A7]\d+|A1-[78]\d\d|A3-A\d\d|W3-810|ICONIA|Iconia", "Acer", "tablet"),
    (r"MI PAD|Mi Pad|MiPad|Redmi Pad|Xiaomi Pad", "Xiaomi", "tablet"),
    (
        r"MI(?:-ONE|X| \w)|Mi \w|Mi-\d|Redmi|POCO|HM(?: |\d)|M2\d{3}[A-Z]\d+\w+|2\d{3,7}[A-Z]\d*[A-Z]{1,2}\b|201\d{4}\b",
        "Xiaomi",
        "phone",
    ),
    (r"CPH\d{4}", "OPPO", "phone"),
    (r"RMX\d{4}", "Realme", "phone"),
    (r"ONEPLUS|OnePlus", "OnePlus", "phone"),
    (r"vivo|V[12]\d{3}[A-Z]?\b", "vivo", "phone"),
    (r"TA-1\d{3}|Lumia|Nokia", "Nokia", "phone"),
    (r"Desire|Sensation|Incredible|Wildfire|EVO\b|ADR6\d{3}|PC36100|PG\d{5}|Butterfly|HTC", "HTC", "phone"),
    (r"PMP\d{4}\w*|PMT\d{4}\w*", "Prestigio", "tablet"),
    (r"PAP\d{4}\w*|PSP\d{4}\w*", "Prestigio", "phone"),
    (r"BNTV\d{3}\w?|BNRV\d{3}\w?|NOOK|Nook", "Barnes & Noble", "tablet"),
    (r"PlayBook", "BlackBerry", "tablet"),
    (r"[Tt]ouch[Pp]ad|HP Slate|Slate \d", "HP", "tablet"),
    (r"Venue\b|Streak (?:7|10)", "Dell", "tablet"),
    (r"(?:MD )?LIFETAB", "Medion", "tablet"),
    (r"one ?touch|ONE ?TOUCH", "Alcatel", None),
    (r"SHIELD Tablet|TegraNote", "Nvidia", "tablet"),
    (r"VF[- ]?\d{4}|VFD \d{3,4}|Vodafone|SmartTab", "Vodafone", None),
    (r"SHL?-?\d\d[A-Z]?\b|AQUOS|\d{3}SH\b|IS\d\dSH", "Sharp", "phone"),
    (r"F-\d\d[A-Z]\b|ARROWS", "Fujitsu", "phone"),
    (r"KY[LTV]\d\d|\d{3}KC\b|URBANO|DIGNO", "Kyocera", "phone"),
    (r"IM-A\d{3}", "Pantech", "phone"),
    (r"Micromax P\d{3}\b|Funbook", "Micromax", "tablet"),
    (r"Le ?X\d+", "LeEco", "phone"),
    (r"NT-\d{4}\w", "iconBIT", "tablet"),
    (r"i[DX][a-z]*[DQ]\d|Optima \w|Plane \w|TT[17]\d{3}\w\w", "Digma", "tablet"),
    (r"RMD-\d+", "Ritmix", "tablet"),
    (r"AP-1\d\d\b", "Assistant", "tablet"),
    (r"BQ[SRU]?-?\d{4}", "BQ", "phone"),
    (r"Flylife", "Fly", "tablet"),
    (r"IQ\d{3,4}", "Fly", "phone"),
    (r"T7\d\w{0,3} ?3G", "Oysters", "tablet"),
    (r"X-?[Pp]ad|NaviPad|TM-\d{4}", "teXet", "tablet"),
    (r"P[JNOG]\d{5}", "HTC", "phone"),
    (r"NX\d{3}J?\b|ZTE", "ZTE", "phone"),
    (r"BB[ABCDEFK]\d{3}-\d|STV100|Passport|Priv\b", "BlackBerry", "phone"),
)
"""Model codes whose form no other maker uses: a pattern at the start of the name, the maker, and the shape if it tells it.

What Huawei and Honor share stands in ``huawei_codes``.
"""

_LIKELY: Final[tuple[tuple[str, str, str | None], ...]] = (
    (r"[CDEFGHI]\d{4}$|L[T]\d\d\w|[LS]39h", "Sony", "phone"),
    (r"[XERSUW]\d\d[ia]v?$|WT\d\d[ia]|[SM]K\d\d[ia]|[SM]T\d\d[ia]|CK\d\d[ia]", "Sony Ericsson", "phone"),
    (r"U8\d{3}\w?$|[CGPY]\d00-\w+|H60-\w+|[GY]\d{3}-[A-Z]\d\d", "Huawei", "phone"),
    (r"[ABGHIKL][CDEN]\d{4}$|A000\d$|ONE A2\d{3}$", "OnePlus", "phone"),
    (r"A(?:3000|5500|7600|3500|3300|2107|1000[LG]|2109|1107)-?[A-Z]*$|S[56]000\w*$|B[68]0[08]0-[A-Z]", "Lenovo", "tablet"),
    (r"A(?:100|101|200|210|211|500|501|510|511|700|701)$", "Acer", "tablet"),
    (r"Aquaris M10|Edison|Maxwell|Curie$|Elcano", "BQ", "tablet"),
    (r"Aquaris", "BQ", "phone"),
    (r"FP[1-6]$", "Fairphone", "phone"),
    (r"AT\d{3}$|FOLIO", "Toshiba", "tablet"),
    (r"MX\d$|M\d{3}[A-Z]$|[mM]\d note", "Meizu", "phone"),
    (r"LS-\d{4}", "LYF", "phone"),
    (r"N9\d{3}$|NX\d{3}J\w?|V9\+?$|Blade\b|BLADE\b|Orange San", "ZTE", "phone"),
    (r"R[79]\w{0,3}$|R11\w{0,3}$|R8[1-9]\d\w?$|X9\d{3}$|P[A-Z]{3}\d\d$", "OPPO", "phone"),
    (r"Streak", "Dell", "phone"),
)
"""Model codes that others might use too; they count only where the table of models says nothing."""


@cache
def _code() -> re.Pattern[str]:
    """The codes' pattern, made for the first name that is asked about."""
    return _pattern(_CODES)


@cache
def _likely_code() -> re.Pattern[str]:
    """The likely codes' pattern, made for the first name that is of none of the codes."""
    return _pattern(_LIKELY)


def _pattern(codes: tuple[tuple[str, str, str | None], ...]) -> re.Pattern[str]:
    """One pattern of which the group that matched is the code's place in the list."""
    return re.compile("|".join(f"(?P<c{number}>{pattern})" for number, (pattern, _, _) in enumerate(codes)))


_TABLET: Final = re.compile(
    r"(?i)tablet|\btab\b|tab\d|\w+tab\b|\bpad\b|(?<!cool)pad ?\d|(?<!cool)(?<!thin)pad\b|"
    r"\bslate|xoom|iconia|folio\b|\bmid\b|mid\d{3,4}|nettab"
)

_TV: Final = re.compile(r"(?i)\btv\b|smart-?tv|\bbox\b|settop|chromecast|bravia|mibox|shield android tv")

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
    name = name[:_LONGEST_NAME].strip(" ;,/").replace("_", " ").removesuffix(" Build").strip()
    if not name:
        return AndroidModel()
    brand, rest = _brand(name)
    if brand and opens_with_code(name):
        row = _row_for(None, name, name)
        return AndroidModel(row.maker, name, row.form_factor or form_of_code(name))
    row = _row_for(brand, rest, name)
    maker, form = _by_code(_code(), _CODES, rest)
    if maker is None and rest != name:
        maker, form = _by_code(_code(), _CODES, name)
    if maker is None:
        likely, likely_form = _by_code(_likely_code(), _LIKELY, rest)
        if likely and row.maker in {None, likely}:
            maker, form = likely, likely_form
    if brand and maker != brand:
        maker, form = brand, None
    if maker is None and is_common_name(rest):
        return AndroidModel(None, _as_sold(name, rest), row.form_factor or _form_of_name(rest))
    maker = maker or row.maker
    if form is None and is_shared_code(rest) and maker in {None, "Huawei", "Honor"}:
        form = row.form_factor or form_of_code(rest)
    form = form or row.form_factor or _form_of_name(rest) or ("phone" if maker in _PHONES_ONLY else None)
    return AndroidModel(maker, _as_sold(name, rest), form)


def spelt_maker(word: str) -> str | None:
    """Say which maker a word tells by itself: by a maker's name with a model's number, or by a code; ``Nokia6300``, ``GT-E3210``.

    A trade name alone does not count, nor does a maker's name, as programs have the same: ``Spark``, ``Blade``, ``Yandex``.
    """
    brand, rest = _brand(word)
    if not any(sign.isdigit() for sign in rest):
        return None
    return brand or _by_code(_code(), _CODES, word)[0]


def is_bare_word(name: str) -> bool:
    """Whether a name is one word that only the table knows as a model's: programs are called so, too (``Spark``, ``Blade``)."""
    return name.isalpha() and _brand(name)[0] is None and _by_code(_code(), _CODES, name)[0] is None


def _as_sold(name: str, rest: str) -> str:
    """Return a model's name with the product's word before it, where that is none of the maker's: people know no ``Note 8``."""
    found = _PRODUCT.search(name.removesuffix(rest)) if name.endswith(rest) else None
    return f"{found[0]}{rest}" if found else rest


_PRODUCT: Final = re.compile(r"\b(?:redmi|poco|moto)[ -]*$", re.IGNORECASE)

_LONGEST_NAME: Final = 80
"""Characters of a model's name that are read; real ones are shorter."""

_ANYBODY: Final = re.compile(r"[A-Za-z]{1,2}[ -]?\d{1,4}[A-Za-z]?(?: ?3G| ?4G| ?HD)?")
"""Names that several makers give (``K1``, ``P701``, ``A1002``); the table's maker is then one of many."""


def is_common_name(name: str) -> bool:
    """Whether a model's name is one that several makers give, so that no table can tell whose it is."""
    return _ANYBODY.fullmatch(name) is not None


def _row_for(brand: str | None, rest: str, name: str) -> _Row:
    """The table's row of a model; a row of another maker than the name's own does not count."""
    row = _listed(rest) or (_listed(name) if rest != name else None)
    if row is None or (brand and row.maker != brand):
        return _NO_ROW
    return row


def _brand(name: str) -> tuple[str | None, str]:
    """The maker that the name opens with, and the rest of the name."""
    if name.casefold() in _BRANDS:
        return _BRANDS[name.casefold()] or None, name
    opening = _FIRST_WORD.match(name)
    if opening:
        maker = _BRANDS.get(opening[1].casefold()) or _makers().get(opening[1].casefold())
        if maker:
            again, rest = _brand(name[opening.end() :])
            return maker, rest if again in {None, maker} else name[opening.end() :]
    glued = _GLUED.match(name)
    if not glued:
        return None, name
    return _BRANDS[glued[1].casefold()], _DASHLESS.sub(r"\1-\2", name[glued.end() :])


def _by_code(
    pattern: re.Pattern[str], codes: tuple[tuple[str, str, str | None], ...], name: str
) -> tuple[str | None, str | None]:
    """The maker and the shape that the code's own form tells."""
    found = pattern.match(name)
    if not found or not found.lastgroup:
        return None, None
    _, maker, form = codes[int(found.lastgroup[1:])]
    return maker, form


def _form_of_name(name: str) -> str | None:
    """The shape that the words of the name tell."""
    if _TV.search(name):
        return "tv"
    return "tablet" if _TABLET.search(name) else None


class _Row(Struct, frozen=True):
    """One line of the table of models."""

    maker: str | None
    form_factor: str | None


@cache
def _makers() -> dict[str, str]:
    """Makers by their case-folded names, for names that open with one."""
    return {maker.casefold(): maker for maker in _rows("android_makers.csv")}


_NO_ROW: Final = _Row(None, None)


@lru_cache(maxsize=8192)
def _listed(name: str) -> _Row | None:
    """The table's row of a model, or None."""
    plain, quoted = _lines()
    model = name.casefold()
    place = bisect_left(plain, model, key=_model)
    found = plain[place] if place < len(plain) and _model(plain[place]) == model else quoted.get(model)
    if found is None:
        return None
    _, maker, form = next(csv.reader([found]))
    return _Row(maker or None, _FORMS.get(form))


def _model(line: str) -> str:
    """The model of a line of the table that does not begin with a quotation mark."""
    return line.partition(",")[0]


@cache
def _lines() -> tuple[list[str], dict[str, str]]:
    """The table's lines, in the order of their models; and by model those few that begin with a quotation mark.

    They are read when they are asked for: a log has few of the thirty thousand models. See tables/SOURCES.md.
    """
    lines = _rows("android_models.csv")
    quoted = {next(csv.reader([line]))[0]: line for line in lines if line[0] == '"'}
    return [line for line in lines if line[0] != '"'], quoted


def _rows(table: str) -> list[str]:
    """The lines of a table, without its head."""
    return (files("phaseout.devices") / "tables" / table).read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
