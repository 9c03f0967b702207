"""One descriptive fact for several compounds at once: previewed, then all or none. Areas never change this way."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.db.models import QuerySet

from chaoyang_pm.kit.permissions import require
from communities.people.models import User
from compounds.register import selectors
from compounds.register.models import Compound

#: What may be set for several: neither names nor areas, nor what is one compound's alone.
FACTS = (
    "duty_person", "contact", "phone", "unmanaged_reason", "abandoned_since", "kind", "area_source", "ownership",
    "original_owner", "developer", "contract_term", "fee", "owners_committee", "committee_term_ends",
)  # fmt: skip
MOST = 1_000


class Changed(Exception):
    """The compounds or their facts are no longer those of the preview."""


@dataclass(frozen=True)
class Line:
    """A compound before and after."""

    compound: Compound
    before: str
    after: str
    changes: bool


@dataclass(frozen=True)
class Preview:
    lines: list[Line]
    #: Seen by the reader, but not the reader's to change.
    beyond: list[Compound]
    fingerprint: str

    @property
    def changing(self) -> int:
        return sum(line.changes for line in self.lines)


def preview(compounds: QuerySet[Compound], *, name: str, value: Any, by: User) -> Preview:
    """What setting the fact would change; compounds outside of the person's rights are named and left alone."""
    listed = list(compounds.select_related("community").order_by("code")[: MOST + 1])
    mine = [one for one in listed if by.may("register.edit", one)]
    after = selectors.shown(name, value)
    lines = [
        Line(one, selectors.shown(name, getattr(one, name)), after, getattr(one, name) != value) for one in mine
    ]  # fmt: skip
    return Preview(lines, [one for one in listed if one not in mine], _fingerprint(mine, name, value))


@transaction.atomic
def apply(*, compounds: Iterable[Compound], name: str, value: Any, fingerprint: str, by: User) -> int:
    """Set the fact for all of them, or for none; the edit history keeps before and after of each."""
    keys = [one.pk for one in compounds]
    locked = list(Compound.objects.select_for_update().filter(pk__in=keys).order_by("code"))
    for one in locked:
        require(by.may("register.edit", one))
    if _fingerprint(locked, name, value) != fingerprint:
        raise Changed
    changed = [one for one in locked if getattr(one, name) != value]
    with set_actor(by):
        for one in changed:
            setattr(one, name, value)
            one.save(update_fields=[name, "updated_at"])
    return len(changed)


def _fingerprint(compounds: Iterable[Compound], name: str, value: Any) -> str:
    """Stands for the compounds, what the fact is, and what it is to be."""
    told = "\n".join([name, repr(value), *(f"{one.pk} {getattr(one, name)!r}" for one in compounds)])
    return hashlib.sha256(told.encode()).hexdigest()
