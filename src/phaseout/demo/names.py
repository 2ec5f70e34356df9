"""Invented names, and the units of an invented ministry."""

from __future__ import annotations

from typing import Final

MINISTRY: Final = "Ministry of Examples"

GIVEN: Final = (
    "Anna", "Boris", "Clara", "Dmitri", "Elena", "Farid", "Galina", "Henrik", "Irina", "Jakob", "Karina", "Leonid", "Marina",
    "Nikolai", "Olga", "Pavel", "Quirin", "Raisa", "Sergei", "Tamara", "Ulyana", "Viktor", "Wanda", "Xenia", "Yuri", "Zoya",
    "Aigul", "Timur", "Svetlana", "Roman", "Polina", "Oleg", "Nadia", "Maxim", "Lidia", "Kirill",
)  # fmt: skip

SURNAMES: Final = (
    "Alder", "Birch", "Cedar", "Dahl", "Elmin", "Fadeev", "Grove", "Hazel", "Ivin", "Juniper", "Kedrov", "Linden", "Maple",
    "Norin", "Oakes", "Pinsky", "Quince", "Rowan", "Sosnin", "Tisov", "Umber", "Verba", "Willow", "Yarrow", "Zelenin", "Brook",
    "Lake", "Moor", "Ridge", "Shore", "Stone", "Vale", "Reed", "Heath", "Fern", "Lark", "Finch", "Heron", "Swift", "Crane",
)  # fmt: skip

CYRILLIC: Final = (
    ("Кедрова Алёна", "Kedrova"), ("Соснин Игорь", "Sosninig"), ("Вербина Юлия", "Verbina"), ("Тисов Фёдор", "Tisovf"),
    ("Липин Юрий", "Lipin"), ("Рябинина Дарья", "Ryabinina"), ("Ольхов Щукарь", "Olkhov"), ("Берёзкина Эмма", "Berezkina"),
)  # fmt: skip
"""Names in Cyrillic letters, with the Latin surname of the login."""

DEPARTMENTS: Final = (
    ("Department of Administration", "iis", 15, ("Division of Personnel", "Division of Records", "Division of Procurement")),
    ("Department of Digital Development", "httpproxy", 13, ("Division of Networks", "Division of Services", "Division of Norms")),
    ("Department of Industry", "dovecot", 13, ("Division of Machinery", "Division of Chemistry")),
    ("Department of Trade", "dovecot-syslog", 10, ("Division of Markets", "Division of Customs Affairs")),
    ("Department of Statistics", "sogo", 9, ("Division of Surveys", "Division of Publications")),
    ("Department of Finance", "zimbra", 10, ("Division of Budget", "Division of Payroll")),
    ("Department of Press", "zpush", 6, ("Division of News", "Division of Events")),
    ("Department of International Cooperation", "m365", 9, ("Division of Treaties", "Division of Protocol")),
    ("Department of Science", "google", 7, ("Division of Grants", "Division of Libraries")),
    ("Regional Offices", "", 8, ("Office North", "Office South", "Office East", "Office West")),
)  # fmt: skip
"""Each department with its mail system (empty: by division), its share of the staff in per cent, and its divisions."""

BY_DIVISION: Final = {"Office North": "zpush", "Office South": "zimbra", "Office East": "iis", "Office West": "m365"}
"""Mail systems of the divisions whose department has none of its own."""
