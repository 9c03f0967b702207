"""Which community and which compound a row means."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from django.db.models import F
from django.utils.translation import gettext as _

from chaoyang_pm.kit import bulk
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets.rows import ParsedRow
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, normalised
from compounds.imports.facts import Changes
from compounds.ledger.choices import Kind
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry
from compounds.register import names
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound


class Default(NamedTuple):
    """What a sheet's name, a title or a heading says of the rows below: codes, "" where it says nothing."""

    county: str
    subdistrict: str
    #: What the page shows of it.
    name: str


class Places:
    """Resolves 县 · 街道 · 社区 of rows; the same names come thousands of times and are looked up once.

    ``scope`` is where whoever imports may record; a community outside is an error on the row.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.gazetteer = Gazetteer.load()
        #: By sheet (``ParsedRow.sheet``): where its rows lie that do not say it themselves, each after which row.
        self.defaults: dict[str, list[tuple[int, Default]]] = {}
        self._found: dict[tuple[str, str, str, str], tuple[str | None, str, str]] = {}

    def community(self, row: ParsedRow, column: str = "community", *, within: str = "") -> str | None:
        """The code of the row's community; None with an error on the row's cell if it is unknown or a question."""
        text = row.get(column)
        if text is None:
            return None
        if row.get("mark") and (own := self.gazetteer.by_code.get(text[-12:])) and self.scope.covers(own.code):
            return own.code  # as it was in the ledger that exported the row, also if it has ended since
        county, subdistrict = row.get("county") or "", row.get("subdistrict") or ""
        if not within and (said := self.defaults.get(row.sheet)) and not text.isdigit():
            if place := bisect_left(said, row.number, key=itemgetter(0)):
                county, subdistrict = self._completed(county, subdistrict, said[place - 1][1])
        key = (column, text, within or county, "" if within else subdistrict)
        if key not in self._found:
            self._found[key] = self._resolve(text, column, county, subdistrict, within)
        code, bad_column, message = self._found[key]
        if message:
            row.error(bad_column, message)
        return code

    def _completed(self, county: str, subdistrict: str, default: "Default") -> tuple[str, str]:
        """County and subdistrict of a row with what its sheet says, as far as the two go together."""
        if not county and not subdistrict:
            return default.county, default.subdistrict
        if not county:
            known = self.gazetteer.find(Level.SUBDISTRICT, subdistrict, within=default.county)
            return (default.county if known else ""), subdistrict
        found = self.gazetteer.find(Level.COUNTY, county)
        same = len(found) == 1 and default.subdistrict.startswith(found[0].code)
        return county, subdistrict or (default.subdistrict if same else "")

    def _resolve(self, text, column, county, subdistrict, within) -> tuple[str | None, str, str]:
        for level, name, column_above in (
            (Level.COUNTY, "" if within else county, "county"),
            (Level.SUBDISTRICT, "" if within else subdistrict, "subdistrict"),
        ):
            if not name:
                continue
            found = self.gazetteer.find(level, name, within=within)
            if len(found) != 1:
                return None, column_above, self._question(level, name, within, found)
            within = found[0].code
        text = self._code_in(text)
        found = self.gazetteer.find(Level.COMMUNITY, text, within=within)
        if not found and len(text) == CODE_LENGTH[Level.COMMUNITY] and text.isdigit() and within:
            message = _("The community code %(code)s does not lie in %(parent)s.")
            if text in self.gazetteer.by_code:
                parent = self.gazetteer.by_code[within]
                return None, column, message % {"code": text, "parent": parent.name}
        if len(found) > 1 and len(own := [d for d in found if self.scope.covers(d.code)]) == 1:
            found = own
        if len(found) != 1:
            return None, column, self._question(Level.COMMUNITY, text, within, found)
        if not self.scope.covers(found[0].code):
            message = _("%(community)s lies outside of your area; leave the row to those responsible there.")
            return None, column, message % {"community": self._list(found)}
        return found[0].code, column, ""

    def _code_in(self, text: str) -> str:
        """The code of a community written as name and code, as exports and templates write it; else the text."""
        name, code = text[:-12].strip(), text[-12:]
        known = self.gazetteer.by_code.get(code) if name and code.isdigit() else None
        return code if known and normalised(known.name) == normalised(name) else text

    def _question(self, level: Level, text: str, within: str, found: list[Division]) -> str:
        if found:
            message = _("“%(name)s” can mean %(choices)s; give county and subdistrict, or the code.")
            return message % {"name": text, "choices": self._list(found[:5])}
        parent = self.gazetteer.by_code[within].name if within else _("the city")
        facts = {"parent": parent, "level": level.label, "name": text}
        similar = self.gazetteer.similar(level, text, within=within)
        if similar:
            message = _("%(parent)s has no %(level)s “%(name)s”. Did you mean %(choices)s?")
            return message % (facts | {"choices": self._list(similar)})
        return _("%(parent)s has no %(level)s “%(name)s”; give its full name or its code.") % facts

    def _list(self, divisions: Iterable[Division]) -> str:
        return _(", ").join(f"{self.gazetteer.path(division.code)} {division.code}" for division in divisions)


class CompoundIndex:
    """Compounds by code, and by (community, normalised name) for every community where they lie or once lay.

    Those outside of ``scope`` are unknown here; ``foreign`` are their codes, which cannot be given again.
    """

    def __init__(self, *, codes: Iterable[str], communities: Iterable[str], scope: Scope):
        self.scope = scope
        self.foreign: set[str] = set()
        self.by_code: dict[str, Compound] = {}
        self._by_name: dict[tuple[str, str], dict[str, Compound]] = defaultdict(dict)
        self._by_stem: dict[tuple[str, str], dict[str, Compound]] = defaultdict(dict)
        self._last: dict[str, int] = {}
        communities = set(communities)
        for chunk in chunks(set(codes)):
            self._add_all(Compound.objects.filter(code__in=chunk))
        for chunk in chunks(communities):
            self._add_all(Compound.objects.filter(community__in=chunk))
            earlier = Entry.objects.filter(kind__in=[Kind.REGISTER, Kind.RELOCATE], community__in=chunk)
            for entry in earlier.exclude(community=F("compound__community")).select_related("compound"):
                self.add(entry.compound, entry.community_id)

    @classmethod
    def named_by(cls, rows: list[ParsedRow], scope: Scope) -> "CompoundIndex":
        """What rows name by 小区编号 and by community."""
        return cls(
            codes={row.get("code") for row in rows if row.get("code")},
            communities={row.get("community") for row in rows if row.get("community")}, scope=scope,
        )  # fmt: skip

    def _add_all(self, compounds: Iterable[Compound]) -> None:
        for compound in compounds:
            self.add(compound)

    def add(self, compound: Compound, community: str | None = None) -> None:
        """Make a compound known; one that was withdrawn with its import is found by its code only."""
        if not self.scope.covers(compound.community_id):
            self.foreign.add(compound.code)
            return
        compound = self.by_code.setdefault(compound.code, compound)
        if compound.import_undone:
            return
        for place in {compound.community_id, community} - {None} if community else (compound.community_id,):
            self._by_name[place, compound.normalised_name][compound.code] = compound
            self._by_stem[place, compound.name_stem][compound.code] = compound

    def matching(self, row: ParsedRow) -> list[Compound]:
        """What a row names by 小区编号, else by 小区名称 and its community."""
        if code := row.get("code"):
            return [self.by_code[code]] if code in self.by_code else []
        if row.get("name") and row.get("community"):
            return self.named(row.get("community"), row.get("name"))
        return []

    def named(self, community: str, name: str) -> list[Compound]:
        """Compounds of that name in a community: active ones if there are any, else those that are no longer."""
        found = list(self._by_name.get((community, names.normalise(name)), {}).values())
        return [compound for compound in found if compound.status == Status.ACTIVE] or found

    def alike(self, compound: Compound) -> list[Compound]:
        """Possible duplicates: other names with the same stem in the same community."""
        found = self._by_stem.get((compound.community_id, compound.name_stem), {})
        return [other for other in found.values() if other.normalised_name != compound.normalised_name]

    def mentioned(self, *, codes: set[str], names: set[str]) -> list[Compound]:
        """Known compounds with one of these codes or normalised names."""
        return [c for c in self.by_code.values() if c.code in codes or c.normalised_name in names]

    def new_code(self, community: str) -> str:
        """The next free ``<community>-NNN``."""
        if community not in self._last:
            self._last[community] = register.last_number(community)
        while True:
            self._last[community] += 1
            code = register.numbered(community, self._last[community])
            if code not in self.by_code:
                return code

    def create(self, *, community: str, name: str, code: str = "", **facts) -> Compound:
        """A new compound, known to the index, not yet stored."""
        own = {"code": code or self.new_code(community), "community_id": community}
        compound = bulk.new(Compound, own | register.named(name) | facts)
        self.add(compound)
        return compound

    def forget(self, compound: Compound) -> None:
        """Take back a compound that a refused row had created."""
        self.by_code.pop(compound.code, None)
        self._forget_name(compound)

    def take_up(self, compound: Compound, **facts) -> Changes:
        """Take up again a compound that was withdrawn with its import, under new facts; returns what that changes."""
        after = {"status": Status.ACTIVE.value, "import_undone": False, **facts}
        changes = {name: (getattr(compound, name), value) for name, value in after.items()}
        for name, value in after.items():
            setattr(compound, name, value)
        self.add(compound)
        return {name: (before, value) for name, (before, value) in changes.items() if before != value}

    def put_back(self, compound: Compound, changes: Changes) -> None:
        """Take back ``take_up`` for a refused row."""
        self._forget_name(compound)
        for name, (before, _after) in changes.items():
            setattr(compound, name, before)

    def _forget_name(self, compound: Compound) -> None:
        self._by_name[compound.community_id, compound.normalised_name].pop(compound.code, None)
        self._by_stem[compound.community_id, compound.name_stem].pop(compound.code, None)


def named_compound(row: ParsedRow, index: CompoundIndex, *, unknown: str) -> Compound | None:
    """The one compound that a row is about; None with an error at the cell that names it.

    One outside of the scope is as unknown as any other. ``unknown``: what is said of a name that nothing has.
    """
    if row.bad_columns() & {"code", "name", "community"} or not (row.get("code") or row.get("community")):
        return None
    found = index.matching(row)
    if len(found) == 1:
        return found[0]
    if found:
        message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
        codes = _(", ").join(sorted(one.code for one in found))
        row.error("name", message % {"name": row.get("name"), "codes": codes})
    elif code := row.get("code"):
        row.error("code", _("There is no compound %(code)s; check the compound code.") % {"code": code})
    else:
        row.error("name", unknown)
    return None
