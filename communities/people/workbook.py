"""Accounts from a workbook: every error of every row at once, then all of them in one transaction, or none."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import require as allowed
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets.errors import CellError, SheetError
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.headers import Header, find_header
from chaoyang_pm.kit.sheets.reading import Sheet, load, read_sheet
from chaoyang_pm.kit.sheets.rows import ParsedRow, RowReader, require
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer
from communities.people import selectors, services
from communities.people.choices import LEVEL_OF, Role
from communities.people.columns import COLUMNS, NUMBERING, ROLE_WORDS
from communities.people.models import Appointment, Department, User
from communities.people.permissions import appointable, roles_to_give

#: A list longer than this is no list of people, and initial passwords would take minutes.
MOST_ROWS = 2000
LABELS = {column.key: column.label for column in COLUMNS}
#: The column that names a division of a level, from the top down.
PLACES = {Level.COUNTY: "county", Level.SUBDISTRICT: "subdistrict", Level.COMMUNITY: "community"}


@dataclass
class Planned:
    """One account that a row asks for."""

    row: ParsedRow
    username: str
    role: Role
    division: Division | None
    department: Department | None

    @property
    def display_name(self) -> str:
        return self.row.get("display_name")

    @property
    def office(self) -> str:
        return Appointment(role=self.role, division=self.division, department=self.department).title

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "username": self.username, "display_name": self.display_name, "role": self.role,
            "division": self.division, "department": self.department, "since": self.row.get("since"),
        }  # fmt: skip


@dataclass
class Plan:
    """A workbook that has been read: what it asks for, and what is wrong with it."""

    content: bytes
    filename: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    rows: int = 0
    accounts: list[Planned] = field(default_factory=list)
    sheet: Sheet | None = None
    header: Header | None = None

    def annotate(self, out: str | PathLike) -> bool:
        """Write the user's own workbook with every finding at its cell. False if it could not be read at all."""
        from chaoyang_pm.kit.sheets import annotate as annotating  # slow to load, and needed here only

        if self.sheet is None:
            return False
        summary = {_("Rows"): self.rows, _("Errors"): len(self.errors), _("Warnings"): len(self.warnings)}
        findings = [*self.errors, *self.warnings]
        annotating.annotate(self.content, [(self.sheet, self.header)], findings, out, summary)
        return True


def read(source: bytes | str | PathLike, filename: str, *, by: User | None) -> Plan:
    """Read and check a workbook for ``by`` (None: the command line, for the whole portal). Never raises."""
    plan = Plan(b"", filename)
    try:
        plan.content = load(source)
        plan.sheet = read_sheet(plan.content, filename)
        plan.header = find_header(plan.sheet, COLUMNS)
        if plan.header.missing:
            raise SheetError(plan.header.lacking(LABELS))
    except SheetError as error:
        place = plan.sheet.name if plan.sheet else ""
        plan.errors.append(Finding(place, None, None, None, None, str(error)))
        return plan
    _Check(plan, plan.sheet, plan.header, by).run()
    return plan


def _roles() -> dict[str, str]:
    """Words for roles: labels in both languages, codes, and what clerks write."""
    known: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            known |= {cells.normalise_key(str(role.label)): role.value for role in Role}
    known |= {cells.normalise_key(role.value): role.value for role in Role}
    return known | {cells.normalise_key(word): role.value for word, role in ROLE_WORDS.items()}


class _Check:
    """Goes through the rows of one workbook."""

    def __init__(self, plan: Plan, sheet: Sheet, header: Header, by: User | None):
        self.plan, self.sheet, self.header, self.by = plan, sheet, header, by
        self.scope: Scope = by.scope if by else EVERYWHERE
        self.gives = roles_to_give(by) if by else list(Role)
        self.gazetteer = Gazetteer.load()
        departments = list(Department.objects.all())
        self.departments = {
            cells.normalise_key(word): one for one in departments for word in (one.code, one.name)
        }  # fmt: skip
        self.taken = {name.lower() for name in User.objects.values_list("username", flat=True)}
        self.held = {
            (cells.normalise_key(one.user.display_name), one.role, one.division_id, one.department_id): one.user
            for one in Appointment.objects.in_force(business_date()).select_related("user")
        }
        self.given: set[str] = set()
        self.seen: dict[tuple, int] = {}

    def run(self) -> None:
        words = _roles()
        parsers = dict.fromkeys(LABELS, cells.clean_text) | {
            "role": self._role(words),
            "since": self._date,
            "username": lambda cell: None if cells.is_blank(cell) else cells.clean_text(cell),
        }
        reader = RowReader(self.sheet, self.header, parsers, LABELS)
        rows = reader.read()
        self.plan.rows = len(rows)
        if not 0 < len(rows) <= MOST_ROWS:
            message = _("The sheet “%(sheet)s” has %(rows)s rows; 1 to %(most)s are accepted.")
            facts = {"sheet": self.sheet.name, "rows": len(rows), "most": MOST_ROWS}
            self.plan.errors.append(Finding(self.sheet.name, None, None, None, None, message % facts))
            return
        # Names that rows give themselves go before those that are proposed.
        counts = Counter(name.lower() for row in rows if (name := row.get("username")))
        planned = [self._row(row, counts) for row in rows]
        for account in planned:
            if account and not account.username:
                account.username = services.proposed_username(
                    role=account.role, division=account.division, department=account.department,
                    taken=self.taken | counts.keys() | self.given,
                )  # fmt: skip
                self.given.add(account.username.lower())
        for row in rows:
            errors, warnings = reader.findings(row)
            self.plan.errors += errors
            self.plan.warnings += warnings
        self._header_warnings()
        self.plan.accounts = [account for account in planned if account]

    def _header_warnings(self) -> None:
        for index, text in self.header.unknown:
            if text not in NUMBERING:
                message = _("The column “%(column)s” is not known and was not read.") % {"column": text}
                self.plan.warnings.append(
                    Finding(self.sheet.name, self.header.row_number, text, index, text, message, "warning")
                )
        if "phone" in self.header.mapping:
            index, text = self.header.mapping["phone"], self.header.label("phone")
            message = _("Telephone numbers are not kept: the portal does not need them.")
            self.plan.warnings.append(
                Finding(self.sheet.name, self.header.row_number, text, index, text, message, "warning")
            )

    def _role(self, words: dict[str, str]) -> Callable[[Any], str | None]:
        """A reader of roles that offers those that may be given; the others are known, and refused with the reason."""
        offered = _(", ").join(str(role.label) for role in self.gives)

        def read(cell: Any) -> str | None:
            try:
                return cells.parse_choice(cell, words, LABELS["role"])
            except CellError:
                message = _("“%(value)s” is no role of the portal; accepted: %(roles)s.")
                raise CellError(message % {"value": cells.shown(cell), "roles": offered}) from None

        return read

    def _date(self, cell: Any) -> Any:
        parsed = cells.parse_date(cell)
        if parsed and parsed.precision == "month":
            raise CellError(
                _("Give the day as well, such as %(day)s.") % {"day": parsed.date.replace(day=1).isoformat()}
            )
        return parsed.date if parsed else None

    def _row(self, row: ParsedRow, counts: Counter[str]) -> Planned | None:
        require(row, "display_name", "role", labels=LABELS)
        if len(row.get("display_name") or "") > 60:
            row.error("display_name", _("Give the person's name, at most 60 characters."))
        self._username(row, counts)
        if "role" not in row.values:
            return None
        role = Role(row.values["role"])
        if role not in self.gives:
            row.error("role", appointable(self.by, role, None).reason if self.by else "")
        department = self._department(row, role)
        division = self._division(row, role)
        if row.errors:
            return None
        self._already(row, role, division, department)
        return None if row.errors else Planned(row, row.get("username") or "", role, division, department)

    def _username(self, row: ParsedRow, counts: Counter[str]) -> None:
        username = row.get("username")
        if not username:
            return
        problem = services.username_problem(username)
        if problem:
            row.error("username", problem)
        elif username.lower() in self.taken:
            message = _("The log-in name “%(username)s” is taken; choose another one.")
            row.error("username", message % {"username": username})
        elif counts[username.lower()] > 1:
            message = _(
                "The log-in name “%(username)s” stands in this file %(count)s times; each person needs another."
            )
            row.error("username", message % {"username": username, "count": counts[username.lower()]})

    def _department(self, row: ParsedRow, role: Role) -> Department | None:
        text = row.get("department")
        if role != Role.DEPARTMENT:
            if text and cells.normalise_key(text) in self.departments:
                row.warn("department", _("Only people of city departments have a department; this one is not kept."))
            return None
        if text is None:
            row.error("department", _("Name the department: %(names)s.") % {"names": self._departments()})
            return None
        found = self.departments.get(cells.normalise_key(text))
        if found is None:
            message = _("“%(name)s” is no department of the portal; accepted: %(names)s.")
            row.error("department", message % {"name": text, "names": self._departments()})
        return found

    def _departments(self) -> str:
        return _(", ").join(dict.fromkeys(one.name for one in self.departments.values()))

    def _division(self, row: ParsedRow, role: Role) -> Division | None:
        """The division that the row's office lies in; every level that is named is read."""
        level = LEVEL_OF[role]
        if level is None:
            return None
        if level == Level.CITY:
            return next((d for d in self.gazetteer.by_code.values() if d.level == Level.CITY and not d.ended_on), None)
        within = self._narrowest()
        for each, column in PLACES.items():
            text = row.get(column)
            if text is None and each != level:
                continue
            if text is None:
                message = _("%(role)s needs the column “%(column)s”: give the name or the code.")
                row.error(column, message % {"role": role.label, "column": LABELS[column]})
                return None
            division = self._find(row, column, each, text, within)
            if division is None:
                return None
            if not self._reaches(division.code):
                message = _("%(division)s lies outside of your area; leave the row to those responsible there.")
                row.error(column, message % {"division": self._list([division])})
                return None
            if each == level:
                return division
            within = division.code
        return None

    def _reaches(self, code: str) -> bool:
        """Whether something of the scope lies in the division, or the division in the scope."""
        return self.scope.covers(code) or any(one.startswith(code) for one in self.scope.codes)

    def _narrowest(self) -> str:
        return self.scope.codes[0] if not self.scope.everything and len(self.scope.codes) == 1 else ""

    def _find(self, row: ParsedRow, column: str, level: Level, text: str, within: str) -> Division | None:
        # The template's lists offer name and code: the code says it exactly.
        text = coded[1] if (coded := re.fullmatch(r"\D+(\d{6,12})", text)) else text
        found = self.gazetteer.find(level, text, within=within)
        if not found and within == self._narrowest():
            # Of another county: known, and outside.
            found = self.gazetteer.find(level, text)
        if len(found) > 1 and len(own := [d for d in found if self.scope.covers(d.code)]) == 1:
            found = own
        if len(found) == 1:
            return found[0]
        if found:
            message = _("“%(name)s” can mean %(choices)s; give county and subdistrict, or the code.")
            row.error(column, message % {"name": text, "choices": self._list(found[:5])})
            return None
        parent = self.gazetteer.by_code[within].name if within else _("the city")
        facts = {"parent": parent, "level": level.label, "name": text}
        if similar := self.gazetteer.similar(level, text, within=within):
            message = _("%(parent)s has no %(level)s “%(name)s”. Did you mean %(choices)s?")
            row.error(column, message % (facts | {"choices": self._list(similar)}))
        else:
            message = _("%(parent)s has no %(level)s “%(name)s”; give its full name or its code.")
            row.error(column, message % facts)
        return None

    def _list(self, divisions: list[Division]) -> str:
        return _(", ").join(f"{self.gazetteer.path(division.code)} {division.code}" for division in divisions)

    def _already(self, row: ParsedRow, role: Role, division: Division | None, department: Department | None) -> None:
        """A file sent twice would make everybody a second account where the log-in name is left blank."""
        name = cells.normalise_key(row.get("display_name"))
        office = (name, role.value, division.pk if division else None, department.pk if department else None)
        if not row.get("username") and (holder := self.held.get(office)):
            message = _(
                "%(name)s has the account “%(username)s” for this office; leave the row out, or give a log-in name."
            )
            row.error("display_name", message % {"name": holder.display_name, "username": holder.username})
        elif office in self.seen:
            message = _("The same person and office stand in row %(row)s already.")
            row.error("display_name", message % {"row": self.seen[office]})
        self.seen.setdefault(office, row.number)


class Refused(Exception):
    """Something changed between check and posting; str() says what."""


def make(plan: Plan, *, by: User | None) -> list[selectors.Slip]:
    """Make all accounts of a plan without errors; returns them with their initial passwords, in the file's order."""
    if by:
        allowed(by.may("people.manage"))
    slips = []
    try:
        with transaction.atomic():
            for account in plan.accounts:
                user, initial = services.create_account(**account.facts, by=by)
                slips.append(selectors.Slip(user, [account.office], initial))
    except services.Unusable as unusable:
        message = _("Row %(row)s: %(problem)s Nothing was written; send the file again.")
        raise Refused(message % {"row": account.row.number, "problem": unusable}) from unusable
    return slips
