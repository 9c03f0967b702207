"""What a change of divisions means: which divisions begin and end, under which codes, and who follows whom.

Pure planning on the divisions of one moment; nothing is written. What cannot be done is Refused with field, value and
what would be accepted.
"""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import NoReturn

import orjson
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from communities.divisions.choices import CODE_LENGTH, Level, SuccessionKind
from communities.divisions.models import Division, FormerName
from compounds.ledger.refusals import refuse

LEVELS = list(Level)
#: Running numbers by kind (区, 县, 开发区, 县级市; 街道, 镇, 乡; 社区, 村): a successor's stays among its own kind's.
NUMBERS = {
    Level.COUNTY: ((1, 20), (21, 70), (71, 80), (81, 99)),
    Level.SUBDISTRICT: ((1, 99), (100, 199), (200, 399), (400, 999)),
    Level.COMMUNITY: ((1, 199), (200, 399), (400, 499), (500, 999)),
}
FIRST_ZONE = 71


@dataclass(frozen=True)
class Part:
    """One part of a division that is divided: its compounds (of a community) or divisions below it, by code."""

    name: str
    code: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What is asked for. ``key`` (of a form) makes it happen once; without one its content does.

    rename: one division, ``name`` · merge: several, into the existing ``into`` or a new one of ``name`` ·
    split: one, ``parts``; with ``keeps`` it goes on with what no part lists · reparent: some, ``parent`` ·
    zone: subdistricts and communities, into a new zone of ``name`` or the existing ``parent``; single communities come
    into its subdistrict ``street``. Blank codes are given; ``codes`` gives those of divisions that move along.
    """

    kind: SuccessionKind
    effective_on: datetime.date
    divisions: tuple[str, ...]
    document: str = ""
    document_no: str = ""
    reason: str = ""
    name: str = ""
    short_name: str = ""
    code: str = ""
    parent: str = ""
    into: str = ""
    street: str = ""
    parts: tuple[Part, ...] = ()
    keeps: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def once(self) -> str:
        """The key under which it is carried out once."""
        content = orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)
        return self.key or hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Line:
    """A division and its successor, as they are called before and after."""

    before: Division
    after: Division
    is_new: bool
    ends: bool


@dataclass
class Plan:
    """The divisions that begin (parents first), the lines, and where compounds go."""

    change: Change
    new: dict[str, Division] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    #: Communities all of whose compounds go to one other.
    places: dict[str, str] = field(default_factory=dict)
    #: The community that is divided, and the parts that compounds are assigned to.
    divided: str = ""
    assigned: dict[str, str] = field(default_factory=dict)

    @property
    def ended(self) -> dict[str, Division]:
        return {line.before.code: line.before for line in self.lines if line.ends}

    @property
    def followers(self) -> dict[str, list[str]]:
        """The successors of every division that ends, by code."""
        found: dict[str, list[str]] = {}
        for line in self.lines:
            if line.ends:
                found.setdefault(line.before.code, []).append(line.after.code)
        return found

    @property
    def communities(self) -> set[str]:
        """Communities that compounds leave."""
        return set(self.places) | ({self.divided} - {""})

    def destination(self, compound: str, community: str) -> str:
        """Where a compound goes from a community; "" if it stays or nobody has said."""
        if community == self.divided:
            return self.assigned.get(compound, "")
        return self.places.get(community, "")


def plan(change: Change) -> Plan:
    """Work a change out on the divisions as they are now. Raises Refused."""
    return _Planner(change, Division.objects.all()).run()


class _Planner:
    def __init__(self, change: Change, divisions: Iterable[Division]):
        self.change, self.plan = change, Plan(change)
        self.all = {division.code: division for division in divisions}
        self.children: dict[str, list[Division]] = defaultdict(list)
        for division in self.all.values():
            if division.ended_on is None and division.parent_id:
                self.children[division.parent_id].append(division)

    def run(self) -> Plan:
        change, today = self.change, business_date()
        if change.effective_on > today:
            message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
            facts = {"date": change.effective_on.isoformat(), "today": today.isoformat()}
            self._refuse("effective_on", change.effective_on.isoformat(), message % facts)
        if not (change.document or change.document_no):
            self._refuse("document", "", _("A change of divisions needs a document: give its name or number."))
        divisions = [self._living("divisions", code) for code in dict.fromkeys(change.divisions)]
        if not divisions:
            self._refuse("divisions", "", _("Name the divisions that change."))
        for division in divisions:
            for other in divisions:
                if other is not division and other.code.startswith(division.code):
                    message = _("%(other)s lies in %(division)s, which is listed as well; list only one of them.")
                    facts = {"other": self._called(other), "division": self._called(division)}
                    self._refuse("divisions", other.code, message % facts)
        {
            SuccessionKind.RENAME: self._rename, SuccessionKind.MERGE: self._merge, SuccessionKind.SPLIT: self._split,
            SuccessionKind.REPARENT: self._reparent, SuccessionKind.ZONE: self._zone,
        }[SuccessionKind(change.kind)](divisions)  # fmt: skip
        return self.plan

    # --- the kinds -----------------------------------------------------------------------------------
    def _rename(self, divisions: list[Division]) -> None:
        change, division = self.change, self._only(divisions)
        if not change.name or (change.name, change.short_name) == (division.name, division.short_name):
            self._refuse("name", change.name, _("Give the new name; it must differ from the present one."))
        later = FormerName.objects.filter(division=division.code, until__gte=change.effective_on).last()
        if later:
            message = _("%(division)s was renamed on %(date)s already; undo that change first, or give a later date.")
            facts = {"division": self._called(division), "date": later.until.isoformat()}
            self._refuse("effective_on", change.effective_on.isoformat(), message % facts)
        self._check_name("name", change.name, division.parent_id or "", besides=division.code)
        after = Division(
            code=division.code, name=change.name, short_name=change.short_name, level=division.level,
            parent_id=division.parent_id, began_on=division.began_on,
        )  # fmt: skip
        self.plan.lines.append(Line(division, after, is_new=False, ends=False))

    def _merge(self, divisions: list[Division]) -> None:
        change = self.change
        level = self._one_level(divisions)
        ending = [division for division in divisions if division.code != change.into]
        if len(ending) < (1 if change.into else 2):
            self._refuse("divisions", "", _("A merge takes two divisions at least."))
        if change.into:
            into = self._living("into", change.into, level)
            self._end(ending)
        else:
            self._end(ending)
            parent = change.parent or divisions[0].parent_id or ""
            self._living("parent", parent, LEVELS[LEVELS.index(level) - 1])
            into = self._begin(parent, change.name, change.short_name, level, divisions[0].code, change.code)
        for division in ending:
            self._line(division, into)
            if level == Level.COMMUNITY:
                self.plan.places[division.code] = into.code
            for child in self.children[division.code]:
                self._move(child, into.code)

    def _split(self, divisions: list[Division]) -> None:
        change, division = self.change, self._only(divisions)
        level = Level(division.level)
        if level in (Level.CITY, Level.COUNTY) or len(change.parts) < (1 if change.keeps else 2):
            message = _("A subdistrict or community is divided into two parts at least; name them.")
            self._refuse("parts", division.code, message)
        if not change.keeps:
            self._end([division])
        taken: dict[str, str] = {}
        below = {child.code: child for child in self.children[division.code]}
        if level == Level.COMMUNITY:
            self.plan.divided = division.code
        for part in change.parts:
            new = self._begin(division.parent_id or "", part.name, "", level, division.code, part.code)
            self._line(division, new, ends=not change.keeps)
            for member in part.members:
                if member in taken or (level != Level.COMMUNITY and member not in below):
                    message = _("“%(member)s” is in two parts, or does not belong to %(division)s.")
                    self._refuse("parts", member, message % {"member": member, "division": self._called(division)})
                taken[member] = new.code
                if level != Level.COMMUNITY:
                    self._move(below[member], new.code)
        if level == Level.COMMUNITY:
            self.plan.assigned = taken
        elif not change.keeps and (left := [self._called(child) for code, child in below.items() if code not in taken]):
            message = _("Say to which part these belong: %(members)s.")
            self._refuse("parts", "", message % {"members": _(", ").join(left[:10])})

    def _reparent(self, divisions: list[Division]) -> None:
        level = self._one_level(divisions)
        if level not in (Level.SUBDISTRICT, Level.COMMUNITY):
            self._refuse("divisions", divisions[0].code, _("Subdistricts and communities can get another parent."))
        parent = self._living("parent", self.change.parent, LEVELS[LEVELS.index(level) - 1])
        for division in divisions:
            if division.parent_id == parent.code:
                message = _("%(division)s belongs to %(parent)s already.")
                facts = {"division": self._called(division), "parent": self._called(parent)}
                self._refuse("parent", parent.code, message % facts)
        self._end(divisions)
        for division in divisions:
            self._move(division, parent.code)

    def _zone(self, divisions: list[Division]) -> None:
        change = self.change
        for division in divisions:
            if division.level not in (Level.SUBDISTRICT, Level.COMMUNITY):
                message = _("A development zone takes subdistricts and communities; %(division)s is neither.")
                self._refuse("divisions", division.code, message % {"division": self._called(division)})
        self._end(divisions)
        if change.parent:
            zone = self._living("parent", change.parent, Level.COUNTY)
            if int(zone.code[4:]) < FIRST_ZONE:
                message = _("%(division)s is no development zone: their codes end in %(first)s or more.")
                self._refuse("parent", zone.code, message % {"division": self._called(zone), "first": FIRST_ZONE})
        else:
            city = divisions[0].code[: CODE_LENGTH[Level.CITY]]
            zone = self._begin(city, change.name, change.short_name, Level.COUNTY, f"{city}{FIRST_ZONE}", change.code)
        street: Division | None = None
        for division in divisions:
            parent = zone
            if division.level == Level.COMMUNITY:
                if street is None:
                    name = change.street or zone.name
                    standing = [child for child in self.children[zone.code] if child.name == name]
                    street = (standing or [self._begin(zone.code, name, "", Level.SUBDISTRICT, f"{zone.code}001", "")])[
                        0
                    ]
                parent = street
                self._line(self.all[division.parent_id or ""], street, ends=False)
            self._move(division, parent.code)
            self._line(self.all[division.code[: CODE_LENGTH[Level.COUNTY]]], zone, ends=False)

    # --- steps ---------------------------------------------------------------------------------------
    def _move(self, division: Division, parent: str) -> None:
        """A division and everything below it, to a new parent."""
        given = self.change.codes.get(division.code, "")
        level = Level(division.level)
        self._end([division])
        new = self._begin(parent, division.name, division.short_name, level, division.code, given)
        self._line(division, new)
        if level == Level.COMMUNITY:
            self.plan.places[division.code] = new.code
        for child in self.children[division.code]:
            self._move(child, new.code)

    def _end(self, divisions: Iterable[Division]) -> None:
        """Divisions that end free their names for those that begin. What began later cannot end before it."""
        for division in divisions:
            if not (division.ended_on or division.existed(self.change.effective_on)):
                message = _("%(division)s began on %(began)s only; give a date from then on.")
                facts = {
                    "division": self._called(division),
                    "began": division.began_on and division.began_on.isoformat(),
                }
                self._refuse("effective_on", self.change.effective_on.isoformat(), message % facts)
            division.ended_on = self.change.effective_on

    def _line(self, before: Division, after: Division, *, ends: bool = True) -> None:
        if not any(line.before is before and line.after is after for line in self.plan.lines):
            self.plan.lines.append(Line(before, after, is_new=after.code in self.plan.new, ends=ends))

    def _begin(self, parent: str, name: str, short_name: str, level: Level, like: str, given: str) -> Division:
        if not name:
            self._refuse("name", "", _("Name the new division."))
        self._check_name("name", name, parent)
        code = self._given(parent, level, given) if given else self._free(parent, level, like)
        division = Division(
            code=code, name=name, short_name=short_name, level=level, parent_id=parent,
            began_on=self.change.effective_on,
        )  # fmt: skip
        self.plan.new[code] = division
        return division

    def _check_name(self, field_name: str, name: str, parent: str, *, besides: str = "") -> None:
        siblings = [child for child in self.children[parent] if child.ended_on is None and child.code != besides]
        siblings += [new for new in self.plan.new.values() if new.parent_id == parent]
        if other := next((sibling for sibling in siblings if sibling.name == name), None):
            message = _("There is %(other)s below the same parent already; rename one of them first.")
            self._refuse(field_name, name, message % {"other": self._called(other)})

    def _is_free(self, code: str) -> bool:
        """Codes of changes that were undone are free again."""
        known = self.all.get(code)
        return code not in self.plan.new and (known is None or known.never_was)

    def _given(self, parent: str, level: Level, code: str) -> str:
        if not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTH[level] and code.startswith(parent)):
            message = _("“%(code)s” is no code below %(parent)s; it has %(length)s digits and begins with %(parent)s.")
            self._refuse("code", code, message % {"code": code, "parent": parent, "length": CODE_LENGTH[level]})
        if level == Level.COUNTY and self.change.kind == SuccessionKind.ZONE and int(code[4:]) < FIRST_ZONE:
            message = _("The code of a development zone ends in %(first)s or more.")
            self._refuse("code", code, message % {"first": FIRST_ZONE})
        if not self._is_free(code):
            self._refuse(
                "code", code, _("The code %(code)s is taken or was once; codes are not used twice.") % {"code": code}
            )
        return code

    def _free(self, parent: str, level: Level, like: str) -> str:
        """The predecessor's own number where it is free, else the next one of its kind after those in use."""
        width = CODE_LENGTH[level] - len(parent)
        number = int(like[-width:])
        first, last = next(
            block for block in NUMBERS[level] if block[0] <= number <= block[1] or block[1] == NUMBERS[level][-1][1]
        )
        if self._is_free(own := f"{parent}{number:0{width}d}"):
            return own
        codes = {code for code in [*self.all, *self.plan.new] if code.startswith(parent) and not self._is_free(code)}
        used = {int(code[-width:]) for code in codes if len(code) == CODE_LENGTH[level]}
        after = max((n for n in used if first <= n <= last), default=first - 1) + 1
        for free in (*range(after, last + 1), *range(first, after)):
            if free not in used:
                return f"{parent}{free:0{width}d}"
        message = _("All codes of this kind below %(parent)s are used; give a code.")
        self._refuse("code", parent, message % {"parent": parent})

    # --- looking up ----------------------------------------------------------------------------------
    def _living(self, field_name: str, code: str, level: Level | None = None) -> Division:
        division = self.all.get(code)
        if division is None or (level and division.level != level):
            message = _("“%(code)s” is no %(level)s; give its code.")
            what = level.label if level else _("division")
            self._refuse(field_name, code, message % {"code": code, "level": what})
        if division.ended_on or not division.existed(self.change.effective_on):
            message = _("%(division)s was not in being on %(date)s, or has ended since.")
            facts = {"division": self._called(division), "date": self.change.effective_on.isoformat()}
            self._refuse(field_name, code, message % facts)
        return division

    def _only(self, divisions: list[Division]) -> Division:
        if len(divisions) != 1:
            self._refuse("divisions", "", _("This kind of change is about one division."))
        return divisions[0]

    def _one_level(self, divisions: list[Division]) -> Level:
        levels = {division.level for division in divisions}
        if len(levels) > 1 or Level.CITY in levels:
            self._refuse("divisions", "", _("These divisions are not all of one level below the city."))
        return Level(divisions[0].level)

    @staticmethod
    def _called(division: Division) -> str:
        return f"{division.name} {division.code}"

    @staticmethod
    def _refuse(field_name: str, value: str, message: str) -> NoReturn:
        raise refuse(field_name, value, message)
