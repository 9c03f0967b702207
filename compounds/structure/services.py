"""Writes that change what compounds there are: several into one, one into several, one to another community.

Each is one transaction: all entries, new compounds and names, or nothing. ``key`` is what a form posts once by;
``undo`` names an entry that is withdrawn in the same step (更正), ``recorded_for`` the office on whose behalf (代报).
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from auditlog.context import set_actor
from django.db import transaction
from django.utils.translation import gettext as _

from communities.people.models import User
from communities.people.permissions import reach
from compounds.ledger.choices import Kind, Source
from compounds.ledger.events import Event
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft, Recorder, live_keys
from compounds.ledger.refusals import Problem, Refused, refuse
from compounds.ledger.services import Writer, codes_named_by, writing
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.structure.models import KnownApart
from compounds.structure.parts import NewCompound, split_draft
from compounds.structure.vocabulary import NAME_SEPARATOR, NAME_SEPARATORS

FORMER_NAMES_LENGTH = Compound._meta.get_field("former_names").max_length or 0


def relocate(
    *, compound: str, community: str, on: datetime.date, details: Mapping[str, str], by: User, key: str = "",
    undo: int | None = None, why: str = "", recorded_for: str = "",
) -> list[Entry]:  # fmt: skip
    """归属调整: all area of a compound to another community. Empty if the key stands. Raises Refused.

    It goes no further than the office reaches that relocates: across counties only the city bureau does.
    """
    if not reach(by, "ledger.structure").covers(community):
        message = _("%(community)s lies outside of your office; to another county the city bureau relocates.")
        raise refuse("community", community, message % {"community": community})
    draft = Draft(Event(Kind.RELOCATE, on, compound, community=community), _keyed(details, key), recorded_for)
    with writing({compound} | _undone(undo)) as writer:
        if _already(key):
            return []
        _reverse(writer, undo, why, by)
        writer.record(draft, by=by, source=Source.PAGE)
    return writer.entries


def merge(
    *, others: Iterable[str], into: str, on: datetime.date, details: Mapping[str, str], by: User, key: str = "",
    keep_names: bool = False, undo: int | None = None, why: str = "", recorded_for: str = "",
) -> list[Entry]:  # fmt: skip
    """合并: each of the others into one compound of the same community, all or none, one entry each.

    ``keep_names``: the names of the others join the former names of the one that stays. Empty if the key stands.
    Raises Refused; its reasons say which compound they are about.
    """
    others = sorted(set(others))
    with writing({*others, into} | _undone(undo)) as writer:
        if _already(*_keys(key, others)):
            return []
        _reverse(writer, undo, why, by)
        rehearse_merge(
            writer, others=others, into=into, on=on, details=_keyed(details, key), by=by, recorded_for=recorded_for
        )  # fmt: skip
        if keep_names:
            stays = writer.compounds[into]
            names = former_names(stays, [writer.compounds[code] for code in others])
            register.update_facts(compound=stays, changes={"former_names": names}, by=by)
    return writer.entries


def rehearse_merge(
    recorder: Recorder, *, others: Sequence[str], into: str, on: datetime.date, details: Mapping[str, str],
    by: User | None = None, recorded_for: str = "",
) -> None:  # fmt: skip
    """Record the merges in a recorder or writer. Raises Refused, naming the compound that stands in the way."""
    if not others:
        raise refuse("target", "", _("Choose at least one compound that is merged into the one that stays."))
    for code, key in zip(others, _keys(details.get("source_key", ""), others), strict=True):
        own = {**details, "source_key": key}
        try:
            draft = Draft(Event(Kind.MERGE, on, code, target=into), own, recorded_for)
            recorder.record(draft, by=by, source=Source.PAGE)
        except Refused as refused:
            raise _about(refused, recorder.label(code)) from None


def former_names(stays: Compound, merged: Iterable[Compound]) -> str:
    """The former names of the compound that stays, with those of the merged ones. Raises Refused if too long."""
    names = [name for name in re.split(f"[{NAME_SEPARATORS}]", stays.former_names) if name]
    names += [compound.name for compound in merged if compound.name != stays.name]
    joined = NAME_SEPARATOR.join(dict.fromkeys(names))
    if len(joined) > FORMER_NAMES_LENGTH:
        message = _("The former names would have %(length)s characters, at most %(most)s fit; leave them as they are.")
        raise refuse("keep_names", joined, message % {"length": len(joined), "most": FORMER_NAMES_LENGTH})
    return joined


def split(
    *, compound: str, parts: Sequence[NewCompound], on: datetime.date, details: Mapping[str, str], by: User,
    key: str = "", undo: int | None = None, why: str = "", source: str = Source.PAGE, recorded_for: str = "",
) -> list[Entry]:  # fmt: skip
    """拆分: parts of a compound's pockets to new compounds, which are created with the entry.

    Empty if the key stands. Raises Refused with fields ``parts`` and ``area_dm2``.
    """
    with writing({compound} | _undone(undo)) as writer, set_actor(by):
        if _already(key):
            return []
        _reverse(writer, undo, why, by)
        draft, targets = split_draft(writer, compound=compound, parts=parts, on=on, details=_keyed(details, key))
        writer.record(replace(draft, recorded_for=recorded_for), by=by, source=Source(source))
        for target in targets:
            if target.pk is None:  # one by one, so that the edit history has their creation
                target.save()
    return writer.entries


def withdraw_split(*, height: int, why: str, by: User, retire: bool) -> list[Entry]:
    """更正: take a split back. ``retire``: compounds that it made and nothing else gave area are withdrawn."""
    with writing(_undone(height)) as writer, set_actor(by):
        event = writer.reverse(height, details={"reason": why}, by=by, source=Source.PAGE)
        for code in sorted(_undone(height) - {event.compound}) if retire else ():
            if not writer.book.live(code):
                empty = writer.compounds[code]
                empty.status = Status.RETIRED
                empty.save(update_fields=["status", "updated_at"])
    return writer.entries


@transaction.atomic
def tell_apart(*, compounds: Sequence[Compound], others: Sequence[Compound] = (), by: User) -> int:
    """非同一小区: none of these is the same as any of the others (as each other, if there are no others).

    Returns the number of pairs that were new.
    """
    pairs = [(one, other) for one in compounds for other in others] if others else combinations(compounds, 2)
    new = 0
    with set_actor(by):
        for first, second in sorted({(min(one.pk, two.pk), max(one.pk, two.pk)) for one, two in pairs}):
            if first != second:
                _pair, is_new = KnownApart.objects.get_or_create(
                    first_id=first, second_id=second, defaults={"said_by": by}
                )
                new += is_new
    return new


@transaction.atomic
def ask_again(*, pair: KnownApart, by: User) -> None:
    """Two compounds are looked at as possible duplicates again; who said that they are not stays in the audit trail."""
    with set_actor(by):
        pair.delete()


def _undone(height: int | None) -> set[str]:
    return codes_named_by([height]) if height else set()


def _reverse(writer: Writer, height: int | None, why: str, by: User) -> None:
    if height:
        writer.reverse(height, details={"reason": why}, by=by, source=Source.PAGE)


def _keyed(details: Mapping[str, str], key: str) -> dict[str, str]:
    return {**details, "source_key": key}


def _keys(key: str, others: Sequence[str]) -> list[str]:
    """The source keys of several entries of one form; the first has the form's own."""
    return [f"{key}:{code}" if key and number else key for number, code in enumerate(others)]


def _already(*keys: str) -> bool:
    """Whether an entry with one of these keys stands; asked under the ledger's lock."""
    return bool(live_keys(key for key in keys if key))


def _about(refused: Refused, name: str) -> Refused:
    """The same refusal, each reason beginning with the compound that it is about."""
    problems = [
        Problem(
            problem.field, problem.value, _("%(compound)s: %(reason)s") % {"compound": name, "reason": problem.message}
        )
        for problem in refused.problems
    ]
    return Refused(*problems, in_the_way=refused.in_the_way, shortfall_dm2=refused.shortfall_dm2)
