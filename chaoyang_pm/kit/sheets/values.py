"""Cell values as people write them, turned into exact values.

Every parser takes a raw cell (str, int, float, date, bool or None), returns None for a blank one, and raises
``CellError`` with what is wrong and what would be accepted. No arithmetic on floats anywhere.
"""

import calendar
import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.words import BLANKS, COUNT_SUFFIXES, SQUARE_METRES

__all__ = [
    "BLANKS", "CellError", "ParsedDate", "clean_text", "is_blank", "normalise_key", "parse_area",
    "parse_choice", "parse_date", "parse_int", "parse_percent", "parse_year", "shown",
]  # fmt: skip

MAX_AREA_M2 = 10**9
MAX_COUNT = 10**9
YEARS = range(1900, 2101)
EXCEL_EPOCH = datetime.date(1899, 12, 30)
EXCEL_SERIALS = range(36526, 65381)  # 2000-01-01 … 2078-12-31
DM2 = {SQUARE_METRES: 100, words.TEN_THOUSAND_SQUARE_METRES: 1_000_000}

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f]")
# Full-width letters, digits and signs become plain ones; punctuation of Chinese sentences stays.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！（），：；？～"}
_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*([^\d.,+\-\s].*)?", re.DOTALL)
_FORMULA_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_YEAR = re.compile(
    r"(?:约|建于|始建于)?(\d{4})(?:年(?:初|底|末|建成|建|竣工|交付|入住)?|年\d{1,2}月.*|[./-]\d{1,2}(?:[./-]\d{1,2})?)?"
)
_TIME = re.compile(r"[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?|(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:月份?(?:上旬|中旬|下旬|初|中|底|末)?)?|(\d{4})(\d{2})")


class ParsedDate(NamedTuple):
    """A day; with precision "month" only the month is known and ``date`` is its last day."""

    date: datetime.date
    precision: Literal["day", "month"]


def clean_text(value: Any) -> str | None:
    """Text without stray white space and full-width letters or digits; None for blank, ``12`` for 12.0.

    A formula's error (#REF! and the like) is a CellError: it is no text anybody wrote.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    text = str(value)
    if words.is_ordinary(text) and text[0] != "#":
        return text
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    text = " ".join((text if text.isascii() else text.translate(_NARROW)).split())
    if text.startswith("#") and _FORMULA_ERROR.fullmatch(text):
        raise CellError(_("The cell holds the error %(value)s of a formula; write the value itself.") % {"value": text})
    return text or None


def normalise_key(text: str) -> str:
    """Text for comparing and for keys: NFKC, case folded, without any white space."""
    return words.plain(text)


def is_blank(value: Any, blanks: Iterable[str] = BLANKS) -> bool:
    """Whether the cell is empty or says so (``-``, ``/``, 暂无信息, …)."""
    return value is None or (isinstance(value, str) and words.plain(value) in blanks)


def shown(value: Any) -> str:
    """A raw value within a message, shortened to 40 characters."""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    text = str(value) if not isinstance(value, float) else f"{value:.15g}"
    return text if len(text) <= 40 else text[:39] + "…"


def parse_text(value: Any, limit: int | None = None) -> str | None:
    """Text of at most ``limit`` characters (None: any); None for blank."""
    text = None if is_blank(value) else clean_text(value)
    if text and limit and len(text) > limit:
        raise CellError(_("The text is longer than %(limit)s characters.") % {"limit": limit})
    return text


def parse_area(value: Any, unit: str = SQUARE_METRES) -> int | None:
    """An area in units of 0.01 ㎡, rounded half up; a unit in the cell goes before the column's ``unit`` (㎡, 万㎡)."""
    if is_blank(value):
        return None
    number, word = _number(value, _an_area)
    if word:
        if words.plain(word) not in words.AREA_UNITS:
            raise CellError(
                _("“%(value)s” has a unit or words that are not accepted; write an area such as %(example)s.")
                % {"value": shown(value), "example": words.AREA_EXAMPLE}
            )
        unit = words.AREA_UNITS[words.plain(word)]
    dm2 = number * DM2[unit]
    if abs(dm2) > MAX_AREA_M2 * 100:
        raise CellError(
            _("“%(value)s” %(unit)s is more than %(limit)s ㎡; check the number and its unit.")
            % {"value": shown(value), "unit": "" if word else unit, "limit": f"{MAX_AREA_M2:,}"}
        )
    return int(dm2.to_integral_value(ROUND_HALF_UP))


def parse_int(value: Any, suffixes: Iterable[str] = COUNT_SUFFIXES) -> int | None:
    """A whole number, with or without one of the suffixes (65栋) and a leading 约; a range or a fraction is refused."""
    if is_blank(value):
        return None
    text = value.strip().removeprefix("约").removeprefix("共") if isinstance(value, str) else value
    number, word = _number(text, _a_count)
    if (word and words.plain(word) not in set(suffixes)) or number != number.to_integral_value():
        raise _unusable(value, _a_count)
    if abs(number) > MAX_COUNT:
        raise CellError(
            _("“%(value)s” is larger than %(limit)s; check the number.")
            % {"value": shown(value), "limit": f"{MAX_COUNT:,}"}
        )
    return int(number)


def parse_year(value: Any) -> int | None:
    """A year from 1900 to 2100: 2004, 2004年建成, 2004.9, a date."""
    if is_blank(value):
        return None
    if isinstance(value, datetime.date):
        return value.year
    match = None if isinstance(value, bool) else _YEAR.fullmatch("".join((clean_text(value) or "").split()))
    if not match or int(match[1]) not in YEARS:
        raise _unusable(value, _a_year)
    return int(match[1])


def parse_percent(value: Any) -> Decimal | None:
    """A percentage from 0 to 100: ``62%`` and 62 are 62; up to 1 without a sign (0.62) is a fraction."""
    if is_blank(value):
        return None
    number, word = _number(value, _a_percentage)
    if word not in (None, "%"):
        raise _unusable(value, _a_percentage)
    percent = number * 100 if word is None and abs(number) <= 1 else number
    if not 0 <= percent <= 100:
        raise _unusable(value, _a_percentage)
    return percent


def parse_choice(value: Any, choices: Mapping[str, str], label: str) -> str | None:
    """The code of the word in the cell. ``choices``: normalised word → code; ``label`` names the column.

    A word that is known goes before one that stands for a blank: ``none`` may be a code.
    """
    text = clean_text(value)
    if text is None:
        return None
    code = choices.get(normalise_key(text))
    if code is None and is_blank(value):
        return None
    if code is None:
        first_words: dict[str, str] = {}
        for word, known in choices.items():
            first_words.setdefault(known, word)
        raise CellError(
            _("“%(value)s” is not known as %(label)s; accepted: %(accepted)s.")
            % {"value": shown(value), "label": label, "accepted": _(", ").join(list(first_words.values())[:12])}
        )
    return code


def parse_date(value: Any) -> ParsedDate | None:
    """A day or a month from 1900 to 2100, as dates, text (2014-09-15, 2014年9月) or numbers (20140915, 2014.9).

    A month stands for its last day. A year alone, and the number 2014.1 (January or 2014.10?), are refused.
    """
    if is_blank(value):
        return None
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return _day(value.year, value.month, value.day, value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unusable(value, _a_date)
    if isinstance(value, int | float) and int(EXCEL_SERIALS[0]) <= value < EXCEL_SERIALS[-1] + 1:
        return ParsedDate(EXCEL_EPOCH + datetime.timedelta(days=int(value)), "day")
    text = _TIME.sub("", clean_text(value) or "").replace(" ", "")
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", text):
        raise CellError(
            _("The number %(value)s may mean January or October; write %(year)s-01 or %(year)s-10.")
            % {"value": text, "year": text[:4]}
        )
    if day := _DAY.fullmatch(text):
        year, number, day_number = (int(part) for part in day.groups() if part)
        return _day(year, number, day_number, value)
    if month := _MONTH.fullmatch(text):
        year, number = (int(part) for part in month.groups() if part)
        _check_month(year, number, value)
        return ParsedDate(datetime.date(year, number, calendar.monthrange(year, number)[1]), "month")
    if re.fullmatch(r"\d{4}年?", text):
        raise CellError(
            _("“%(value)s” is only a year; give the month too, such as %(year)s-09.")
            % {"value": text, "year": text[:4]}
        )
    raise _unusable(value, _a_date)


def _number(value: Any, accepted: Callable[[], str]) -> tuple[Decimal, str | None]:
    """The one number in a cell and the word behind it; a float to the 15 digits that a spreadsheet shows."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unusable(value, accepted)
    if not isinstance(value, str):
        number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
        if not number.is_finite():
            raise _unusable(value, accepted)
        return number, None
    text = (clean_text(value) or "").replace("，", ",").replace("−", "-")
    match = _NUMBER.fullmatch(text)
    if not match or not match[1].strip("+-") or re.search(r"\d", (match[2] or "").casefold().replace("m2", "")):
        raise _unusable(value, accepted)
    return Decimal(match[1].replace(",", "")), match[2]


def _day(year: int, month: int, day: int, value: Any) -> ParsedDate:
    _check_month(year, month, value)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise CellError(
            _("“%(value)s”: %(year)s-%(month)s has no day %(day)s; its days are 1 to %(last)s.")
            % {"value": shown(value), "year": year, "month": f"{month:02}", "day": day, "last": last}
        )
    return ParsedDate(datetime.date(year, month, day), "day")


def _check_month(year: int, month: int, value: Any) -> None:
    if year not in YEARS:
        raise CellError(
            _("“%(value)s” is outside the years %(first)s to %(last)s.")
            % {"value": shown(value), "first": YEARS[0], "last": YEARS[-1]}
        )
    if not 1 <= month <= 12:
        raise CellError(
            _("“%(value)s”: there is no month %(month)s; months are 1 to 12.") % {"value": shown(value), "month": month}
        )


def _an_area() -> str:
    return _("an area such as 12345.67, 1,203.5 or %(example)s") % {"example": words.AREA_EXAMPLE}


def _a_count() -> str:
    return _("a whole number such as 302, 1,200 or %(example)s") % {"example": words.COUNT_EXAMPLE}


def _a_year() -> str:
    return _("a year from 1900 to 2100, such as 2004 or %(example)s") % {"example": words.YEAR_EXAMPLE}


def _a_percentage() -> str:
    return _("a percentage from 0 to 100, such as %(example)s") % {"example": "62%"}


def _a_date() -> str:
    return _("a date such as 2014-09-15, %(example)s or 2014-09") % {"example": words.DATE_EXAMPLE}


def _unusable(value: Any, accepted: Callable[[], str]) -> CellError:
    return CellError(
        _("“%(value)s” cannot be used; accepted: %(accepted)s.") % {"value": shown(value), "accepted": accepted()}
    )
