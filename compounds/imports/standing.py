"""Rows that an export wrote (``compounds.exports``): their 导出标识 names the entry of some ledger they come from.

Such a row says what stood in that ledger. It is recorded by the rules of a replay, without the questions that keep a
clerk from a slip: that nothing is managed any more when the provider changes, that a name exists in the community.
Where the entry itself stands in this ledger the row is known, and so it is after its first import, whatever facts
have been edited in it since.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.rows import ParsedRow
from chaoyang_pm.kit.sheets.values import clean_text, is_blank, shown
from compounds.ledger.choices import Category, Kind
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry
from compounds.register.models import Compound

MARK = "mark"
#: So many digits of an entry's checksum tell ledgers apart.
DIGITS = 12
#: The mark of a compound without a registration of its own: its area is pending, or came by a split.
WITHOUT_ENTRY = "0-" + "0" * DIGITS
_SHAPE = re.compile(r"(\d{1,15})-([0-9a-f]{12})")


def mark_of(height: int, checksum: str) -> str:
    """The mark of an entry; every database writes the same."""
    return f"{height}-{checksum[:DIGITS]}"


def parse_mark(cell: Any) -> str | None:
    text = None if is_blank(cell) else clean_text(cell)
    if text and not _SHAPE.fullmatch(text):
        message = _("“%(value)s” is no mark of an export; leave the cell blank.")
        raise CellError(message % {"value": shown(cell)})
    return text


class Recorded(NamedTuple):
    """The entry that a row became, or came from. Area in 0.01 ㎡."""

    kind: str
    code: str
    category: str
    area_dm2: int | None


class Standing:
    """What of some rows stands in this ledger already, looked up once."""

    def __init__(self, rows: Iterable[ParsedRow]):
        self._own: dict[str, Recorded] = {}
        self._imported: dict[str, Recorded] = {}
        marked = [row for row in rows if row.get(MARK)]
        columns = ("height", "hash", "source_key", "kind", "compound__code", "category", "area_dm2")
        live = Entry.objects.filter(reversed_by__isnull=True)
        for heights in chunks({int(row.get(MARK).partition("-")[0]) for row in marked}):
            for height, checksum, _key, *facts in live.filter(height__in=heights).values_list(*columns):
                self._own[mark_of(height, checksum)] = Recorded(*facts)
        for keys in chunks({f"{row.key}-1" for row in marked}):
            for _height, _hash, key, *facts in live.filter(source_key__in=keys).values_list(*columns):
                self._imported[key] = Recorded(*facts)

    def of(self, row: ParsedRow) -> Recorded | None:
        """The entry of a marked row that stands here: the one it came from, or the one it has become."""
        return self._own.get(row.get(MARK)) or self._imported.get(f"{row.key}-1") if row.get(MARK) else None


def compare(row: ParsedRow, entry: Recorded) -> None:
    """A known row of the register against its registration; a difference is an error that says what to do."""
    if entry.code != row.get("code"):
        message = _("This mark belongs to %(code)s; leave the cell blank in the row of another compound.")
        row.error(MARK, message % {"code": entry.code})
    elif row.get("area") != entry.area_dm2:
        message = _(
            "This registration stands with %(held)s ㎡. Areas change by a “%(kind)s” with its basis in the workbook of "
            "changes."
        )
        row.error("area", message % {"held": format_m2(entry.area_dm2), "kind": Kind.RESURVEY.label})
    elif (row.get("category") or Category.UNDETERMINED.value) != entry.category:
        message = _(
            "This registration stands as %(held)s. Categories change by a “%(kind)s” in the workbook of changes."
        )
        facts = {"held": Category(entry.category).label, "kind": Kind.RECLASSIFY.label}
        row.error("category", message % facts)


def recorded_phases(compounds: Iterable[Compound]) -> dict[str, dict[tuple[str, str], int]]:
    """Registered area by compound and (phase, category), from live registrations and resurveys with a phase."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for chunk in chunks(compound.pk for compound in compounds if compound.pk):
        rows = Entry.objects.filter(
            kind__in=[Kind.REGISTER, Kind.RESURVEY], reversed_by__isnull=True, compound__in=chunk
        )
        for code, phase, category, area in rows.values_list("compound__code", "phase", "category", "area_dm2"):
            found[code][phase, category] += area or 0
    return found
