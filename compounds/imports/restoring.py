"""Descriptive facts and new compounds of an import, and putting them back as they were before it.

A fact goes back only where the register still has what the import wrote; who changed it since keeps the change. A
compound that the import created is withdrawn unless something else uses it, and then it stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import ForeignObjectRel
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.imports import trail
from compounds.imports.facts import FACTS, Changes
from compounds.imports.models import ImportRun
from compounds.ledger.book import Book
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry, EntryPart, Posting
from compounds.ledger.refusals import event_label
from compounds.register import selectors
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.structure.models import KnownApart

BATCH = 500
SHOWN = (*register.FACTS, "community_id")
#: Rows that name a compound without using it: what of the ledger stands the book says, and a remark is only a remark.
NO_USE = (Entry, EntryPart, Posting, KnownApart)


@dataclass(frozen=True)
class Kept:
    """What stays although the import wrote it, and why."""

    compound: Compound
    why: str
    field: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"code": self.compound.code, "name": self.compound.name, "field": self.field, "why": self.why}


@dataclass(frozen=True)
class Back:
    """A fact that goes back: as it is now and as it will be, in words."""

    compound: Compound
    field: str
    now: str
    will_be: str


@dataclass
class Restoring:
    """What goes back in the register: changes by code of the compound, compounds to withdraw, and what stays."""

    written: list[tuple[int, bool, dict[str, tuple[str, str]]]]
    compounds: dict[str, Compound] = field(default_factory=dict)
    changes: dict[str, Changes] = field(default_factory=dict)
    retired: list[Compound] = field(default_factory=list)
    staying: list[Kept] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @classmethod
    def of(cls, run: ImportRun) -> "Restoring":
        return cls(list(trail.read(trail.cid_of(run.pk))))

    def codes(self) -> set[str]:
        """Codes of the compounds that the import created or changed."""
        keys = [key for key, _created, _changes in self.written]
        found = (Compound.objects.filter(pk__in=chunk).values_list("code", flat=True) for chunk in chunks(keys))
        return {code for codes in found for code in codes}

    def plan(self, compounds: Iterable[Compound], book: Book) -> None:
        """Decide, with the book as it is once the entries are taken back. Changes nothing."""
        by_key = {compound.pk: compound for compound in compounds}
        begun = {key for key, created, changes in self.written if created or _taken_up(changes)}
        used = used_elsewhere(begun)
        for key, created, changes in self.written:
            compound = by_key[key]
            if key in begun:
                self._withdraw(compound, changes, created=created, book=book, used=used.get(key, ""))
            else:
                self._put_back(compound, changes, book)

    def _withdraw(self, compound: Compound, changes: dict, *, created: bool, book: Book, used: str) -> None:
        """A compound that the import entered; with it, what the import said about it goes."""
        if compound.status == Status.RETIRED:
            return  # withdrawn as a duplicate since: it stays what it is
        standing = book.live(compound.code)
        if standing:
            why = _("it has entries that this import did not make, the first is %(event)s")
            self.staying.append(Kept(compound, why % {"event": event_label(standing[0])}))
        elif used:
            self.staying.append(Kept(compound, _("it is used elsewhere: %(what)s") % {"what": used}))
        else:
            self.retired.append(compound)
            said = {name: pair for name, pair in changes.items() if name in FACTS.values() or not created}
            self._put_back(compound, said, book, was_there=not created)

    def _put_back(
        self, compound: Compound, changes: dict[str, tuple[str, str]], book: Book, *, was_there: bool = True
    ) -> None:
        back: Changes = {}
        for name, (before, after) in changes.items():
            if name == "status":
                continue
            attribute = trail.column(name).attname
            now, wrote = getattr(compound, attribute), trail.as_value(name, after)
            was = trail.as_value(name, before) if was_there else trail.column(name).get_default()
            if now == was:
                continue
            if now != wrote or (name == "community" and book.holding(compound.code).community):
                self._keep(compound, name)
            else:
                back[attribute] = (now, was)
        if "name" in back:
            names = register.named(back["name"][1])
            back |= {name: (getattr(compound, name), value) for name, value in names.items()}
        if back:
            self.compounds[compound.code], self.changes[compound.code] = compound, back

    def _keep(self, compound: Compound, name: str) -> None:
        self.kept.append(Kept(compound, _("changed since this import"), selectors.label(name)))

    # --- storing -------------------------------------------------------------------------------------
    def store(self, *, cid: str, by: User | None) -> None:
        """Write what was planned, with its audit rows. The compounds are the locked ones."""
        now = timezone.now()
        retired = {compound.code: compound for compound in self.retired}
        by_shape: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
        rest: list[Compound] = []
        logged: list[tuple[Compound, Changes]] = []
        for compound in self._concerned():
            changes = dict(self.changes.get(compound.code, {}))
            if compound.code in retired:
                changes |= {"status": (compound.status, Status.RETIRED.value), "import_undone": (False, True)}
            for name, (_before, after) in changes.items():
                setattr(compound, name, after)
            logged.append((compound, changes))
            if compound.code in retired:  # thousands of them get the same blanks
                by_shape[tuple((name, after) for name, (_before, after) in sorted(changes.items()))].append(compound.pk)
            else:
                compound.updated_at = now
                rest.append(compound)
        for shape, keys in by_shape.items():
            for chunk in chunks(keys):
                Compound.objects.filter(pk__in=chunk).update(**dict(shape), updated_at=now)
        fields = sorted({name for compound in rest for name in self.changes[compound.code]})
        if rest:
            Compound.objects.bulk_update(rest, [*fields, "updated_at"], BATCH)
        trail.write(updated=logged, cid=cid, by=by)

    def _concerned(self) -> list[Compound]:
        return list((self.compounds | {compound.code: compound for compound in self.retired}).values())

    def back(self) -> list["Back"]:
        """Facts of the compounds that stay, as they are now and as they will be."""
        retired = {compound.code for compound in self.retired}
        return [
            Back(self.compounds[code], selectors.label(name), *(selectors.shown(name, value) for value in pair))
            for code, changes in sorted(self.changes.items())
            if code not in retired
            for name, pair in changes.items()
            if name in SHOWN
        ]


def _taken_up(changes: dict[str, tuple[str, str]]) -> bool:
    """Whether the import took up a compound that an earlier undo had withdrawn."""
    return changes.get("status") == (Status.RETIRED.value, Status.ACTIVE.value)


def used_elsewhere(keys: Iterable[int]) -> dict[int, str]:
    """What uses the compounds besides the ledger, by key: an import does not make such rows."""
    keys = sorted(keys)
    found: dict[int, str] = {}
    for relation in Compound._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in NO_USE:
            continue
        model, name = relation.related_model, relation.field.name
        for chunk in chunks(keys):
            rows = model._base_manager.filter(**{f"{name}__in": chunk})
            found |= dict.fromkeys(rows.values_list(name, flat=True), str(model._meta.verbose_name))
    return found
