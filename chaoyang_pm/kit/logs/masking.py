"""Logs without personal data: names, telephones, log-in names, keys and what people search for do not get in.

Our own lines name rows by number. What others write – frameworks, drivers, the text of an error – may quote anything,
so all of it that could be somebody's is masked: Chinese text, quoted values, long numbers, keys, addresses.
"""

import re
from collections.abc import Iterable

MASK = "…"
#: Anywhere in a line.
_ALWAYS = [
    re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+"),  # Chinese: names of people and compounds
    re.compile(r"\?[^\s\"'<>]*=[^\s\"'<>]*"),  # query strings
    re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"),  # e-mail addresses
    re.compile(r"(?<![\w.-])\+?\d[\d -]{5,}\d(?![\w.-])"),  # telephones, identity numbers
    re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}"),  # keys: long, with letters and digits
]
#: In the text of a message, as opposed to a line of a program.
_IN_TEXT = [
    re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\""),  # quoted values
    re.compile(r"(?<==)\([^)]*\)"),  # PostgreSQL: Key (username)=(somebody) already exists.
    re.compile(r"(?<![\w.<])/[^\s:,;)\"']+"),  # paths of addresses, which may hold names and keys
]
#: A UUID is the number of a row, which is what a log may say.
_ROW = re.compile(r"\b([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})\b")
_FRAME = re.compile(r'^\s+File "|^\s+\^|^\s{4}')


def masked(text: str) -> str:
    """A message."""
    parts = enumerate(_ROW.split(text))
    return "".join(part if index % 2 else _without(part, (*_IN_TEXT, *_ALWAYS)) for index, part in parts)


def _without(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = pattern.sub(MASK, text)
    return text


def masked_traceback(text: str) -> str:
    """A traceback: places in the code stay, what the errors say is masked."""
    return "\n".join(_without(line, _ALWAYS[:2]) if _FRAME.match(line) else masked(line) for line in text.splitlines())
