"""What a split makes: new compounds with their parts of the pockets, and what stays with the old one."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from compounds.ledger.choices import Kind
from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.refusals import refuse
from compounds.register import names
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound

#: How many new compounds one split makes.
MOST_PARTS = 30


@dataclass(frozen=True)
class NewCompound:
    """One new compound of a split and what it takes: (area in 0.01 ㎡, households) by pocket.

    None is all of the pocket's area; None households go in proportion to the area. A compound of this name that waits
    for its area is used.
    """

    name: str
    takes: Mapping[Pocket, tuple[int | None, int | None]]
    address: str = ""
    kind: str = ""


def split_draft(
    recorder: Recorder, *, compound: str, parts: Sequence[NewCompound], on: datetime.date, details: Mapping[str, str]
) -> tuple[Draft, list[Compound]]:
    """The event of a split and the compounds that its parts go to; new ones are adopted by the recorder, not stored.

    Who records it holds the ledger's lock, so that the codes given here stay free. Raises Refused.
    """
    old = recorder.compounds[compound]
    community = recorder.book.holding(compound, on).community or old.community_id
    waiting = _check_names(recorder, community, parts)
    number, targets, listed = register.last_number(community), [], []
    for part, name in zip(parts, map(_normal, parts), strict=True):
        target = waiting.get(name)
        if target:
            target = recorder.compounds.setdefault(target.code, target)
        else:
            number += 1
            target = Compound(
                code=register.numbered(community, number), community_id=community, address=part.address,
                kind=part.kind, **register.named(part.name),
            )  # fmt: skip
            recorder.adopt(target)
        targets.append(target)
        if not part.takes:
            message = _("“%(name)s” takes nothing; enter its area or remove it.")
            raise refuse("parts", part.name, message % {"name": part.name})
        listed += [Part(target.code, *pocket, area, households) for pocket, (area, households) in part.takes.items()]
    return Draft(Event(Kind.SPLIT, on, compound, parts=tuple(listed)), details), targets


def _normal(part: NewCompound) -> str:
    return names.normalise(part.name)


def _check_names(recorder: Recorder, community: str, parts: Sequence[NewCompound]) -> dict[str, Compound]:
    """A split never adds to a compound with changes of its own. Returns those that wait for area, by name.

    Waiting are what was entered in the register without area, and what a split had made that is withdrawn now.
    """
    wanted = [_normal(part) for part in parts]
    same = Compound.objects.filter(community=community, normalised_name__in=wanted).exclude(status=Status.RETIRED)
    existing = {compound.normalised_name: compound for compound in same.order_by("-has_area", "code")}
    for number, (part, name) in enumerate(zip(parts, wanted, strict=True)):
        if not name:
            raise refuse("parts", part.name, _("Give the new compound a name."))
        if name in wanted[:number]:
            message = _("“%(name)s” is named twice; enter all that it takes at one place.")
            raise refuse("parts", part.name, message % {"name": part.name})
        found = existing.get(name)
        if found and (found.status != Status.ACTIVE or _has_changes(recorder, found)):
            message = _("“%(name)s” exists already as %(code)s; a split makes new compounds, give it another name.")
            raise refuse("parts", part.name, message % {"name": part.name, "code": found.code})
    return existing


def _has_changes(recorder: Recorder, compound: Compound) -> bool:
    """Whether the ledger knows the compound, a split that is being withdrawn left out."""
    if compound.code in recorder.compounds:
        return bool(recorder.book.live(compound.code))
    return compound.has_area
