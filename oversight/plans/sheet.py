"""方案表: a plan's lines as rows of texts, as the sheet in the browser and workbooks show them, and back again.

Cells are read by the workbook's own parsers, so that what may be typed is what may be imported.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import DM2_PER_M2
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.rows import ParsedRow, Parser
from communities.people.models import User
from compounds.imports.places import CompoundIndex, Places
from compounds.ledger.choices import Mode
from compounds.register import names
from compounds.register.choices import Status
from compounds.register.models import Compound
from oversight.plans import checks, services, workbook
from oversight.plans.acts import Change
from oversight.plans.checks import Checks, Finding
from oversight.plans.columns import COLUMNS, when
from oversight.plans.models import PlanLine, PlanVersion

#: The columns of the sheet, by the workbook's keys; a community is enough to say where a line lies.
KEYS = tuple(column.key for column in COLUMNS if column.key not in ("county", "subdistrict"))
#: Which compound or place a line is about; a change of one is read together with the others.
IDENTITY = ("code", "name", "community")
#: What the checks call a column otherwise than the sheet.
CALLED = {"compound": "name", "area_m2": "area"}
COLUMN_OF = {"code": "compound", "name": "compound", "area": "area_m2"}
#: So many lines are written at a time; a sheet sends the next ones after them.
AT_ONCE = 500


def shown(line: PlanLine) -> dict[str, str]:
    """The cells of a line, by their keys."""
    return {
        "code": line.compound.code if line.compound else "", "name": line.compound.name if line.compound else line.name,
        "community": line.community.name if line.community else "",
        "category": line.get_category_display(), "mode": line.get_mode_display(),
        "planned_for": when(line.due_on, line.by_quarter), "area": area_text(line.area_dm2),
        "households": "" if line.households is None else str(line.households), "leader": line.leader,
        "person": line.person, "phone": line.phone, "unit": line.unit, "is_pilot": _("Yes") if line.is_pilot else "",
        "note": line.note,
    }  # fmt: skip


def area_text(area_dm2: int | None) -> str:
    """㎡ as a cell takes it: without thousands separators, and with decimals only where there are any."""
    if area_dm2 is None:
        return ""
    whole, rest = divmod(area_dm2, DM2_PER_M2)
    return f"{whole}.{rest:02}" if rest else str(whole)


@dataclass(frozen=True)
class Cells:
    """What somebody typed into a line (None: a new one), and what he saw in these cells before."""

    line: int | None
    values: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Saved:
    """``numbers`` are the lines of the cells in their order, None where nothing could be read."""

    version: PlanVersion
    numbers: list[int | None]
    lines: list[PlanLine]
    overtaken: list[PlanLine]
    refused: list[tuple[int, str, str]]
    #: What is to be said of the columns that were judged anew, by the sheet's keys.
    checks: Checks
    judged: list[str]


def write(*, version: PlanVersion, cells: Collection[Cells], by: User) -> Saved:
    """Write cells into a draft. What cannot be read is left as it was, with its place among ``cells``, key and reason.

    Raises Settled, Refused, NotAllowed.
    """
    reading = _Reading(version, cells)
    changes: list[Change] = []
    places: list[int] = []
    for index, cell in enumerate(cells):
        values = reading.values(index, cell)
        if values and (cell.line is not None or reading.says_where(index)):
            changes.append(Change(cell.line, values, _stands(cell.seen) if cell.line is not None else None))
            places.append(index)
    put = services.put_lines(version=version, changes=changes, by=by)
    numbers: list[int | None] = [None] * len(cells)
    for index, line in zip(places, put.touched, strict=True):
        numbers[index] = line.number
    touched = {key for cell in cells for key in (KEYS if cell.line is None else cell.values)}
    found, judged = checks.check_lines(put.version, put.lines, {COLUMN_OF.get(key, key) for key in touched})
    keys = sorted(CALLED.get(column, column) for column in judged)
    return Saved(put.version, numbers, put.lines, put.overtaken, reading.refused, found, keys)


def _stands(seen: Mapping[str, str]):
    def as_seen(line: PlanLine) -> bool:
        now = shown(line)
        return all(now[key] == text for key, text in seen.items())

    return as_seen


class _Reading:
    """Texts of cells as values of fields; what identifies a line is looked up for all of them together."""

    def __init__(self, version: PlanVersion, cells: Collection[Cells]):
        self.version = version
        self.refused: list[tuple[int, str, str]] = []
        keys = {key for cell in cells for key in cell.values}
        self.parsers: dict[str, Parser] = workbook.parsers(keys) if keys - set(IDENTITY) else {}
        self.placed = self._place(cells) if keys & set(IDENTITY) else {}

    def values(self, index: int, cell: Cells) -> dict[str, Any]:
        found: dict[str, Any] = dict(self.placed.get(index, {}))
        for key, text in cell.values.items():
            if key in IDENTITY:
                continue
            try:
                value = self.parsers[key](text)
                self._sound(key, value)
            except CellError as error:
                self.refused.append((index, key, str(error)))
            else:
                found |= _fields(key, value)
        return found

    def says_where(self, index: int) -> bool:
        """Whether a new line says what it is about; otherwise that is refused."""
        if index in self.placed:
            return True
        if not any(place == index and key in IDENTITY for place, key, _message in self.refused):
            self.refused.append((index, "name", _("A line names a compound or a community.")))
        return False

    @staticmethod
    def _sound(key: str, value: Any) -> None:
        if key in ("area", "households") and value is not None and (value < 0 or (key == "area" and value == 0)):
            raise CellError(_("“%(value)s” is negative; 0 or more is accepted.") % {"value": value})
        if key == "mode" and value == Mode.NONE:
            raise CellError(_("A plan says how it is to be managed; “not managed” is no plan."))

    # --- which compound ----------------------------------------------------------------------------------
    def _place(self, cells: Collection[Cells]) -> dict[int, dict[str, Any]]:
        county = self.version.county_id
        places = Places(Scope.of([county]))
        rows: dict[int, ParsedRow] = {}
        for index, cell in enumerate(cells):
            if set(cell.values) & set(IDENTITY):
                said = {key: text for key in IDENTITY if (text := " ".join(cell.values.get(key, "").split()))}
                rows[index] = ParsedRow(cell.line or 0, said)
        for row in rows.values():
            if row.get("community"):
                row.values["community"] = places.community(row, within=county)
        index_ = CompoundIndex.named_by(list(rows.values()), places.scope)
        by_name = self._by_name(rows.values())
        found: dict[int, dict[str, Any]] = {}
        for index, row in rows.items():
            compound = self._compound(row, index_, by_name)
            self.refused += [(index, column, message) for column, _value, message in row.errors]
            community = compound.community_id if compound else row.get("community")
            name = "" if compound else row.get("name") or ""
            if not row.errors and (compound or community or name):
                found[index] = {
                    "compound": compound, "name": name,
                    "community": places.gazetteer.by_code[community] if community else None,
                }  # fmt: skip
            elif not row.errors:
                self.refused.append((index, "name", _("A line names a compound or a community.")))
        return found

    def _by_name(self, rows: Iterable[ParsedRow]) -> dict[str, list[Compound]]:
        """Compounds of the county by their normalised names, of rows that name no community."""
        wanted = {names.normalise(row.get("name")) for row in rows if row.get("name") and not row.get("community")}
        found: dict[str, list[Compound]] = {}
        if wanted:
            there = Compound.objects.within(self.version.county_id).filter(
                normalised_name__in=wanted, status=Status.ACTIVE
            )
            for compound in there:
                found.setdefault(compound.normalised_name, []).append(compound)
        return found

    @staticmethod
    def _compound(row: ParsedRow, index: CompoundIndex, by_name: Mapping[str, list[Compound]]) -> Compound | None:
        name, code = row.get("name"), row.get("code")
        if row.errors:
            return None
        if code or row.get("community"):
            some = index.matching(row)
        else:
            some = by_name.get(names.normalise(name), []) if name else []
        if code and not some:
            row.error("code", _("There is no compound %(code)s; check the compound code.") % {"code": code})
        elif len(some) > 1:
            message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
            codes = _(", ").join(sorted(one.code for one in some))
            row.error("name", message % {"name": name, "codes": codes})
        return some[0] if len(some) == 1 else None


def _fields(key: str, value: Any) -> dict[str, Any]:
    if key == "planned_for":
        due_on, by_quarter = value or (None, False)
        return {"due_on": due_on, "by_quarter": by_quarter}
    if key == "area":
        return {"area_dm2": value}
    if key == "is_pilot":
        return {"is_pilot": bool(value)}
    return {key: value if key == "households" else value or ""}


def findings(found: Checks) -> dict[str, list[Finding]]:
    """What the checks say, with the sheet's names of columns."""
    return {
        kind: [replace(one, column=CALLED.get(one.column, one.column)) for one in some]
        for kind, some in (("errors", found.errors), ("warnings", found.warnings))
    }  # fmt: skip
