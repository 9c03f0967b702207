"""Writes on the register: new compounds and their descriptive facts. Area changes only through the ledger."""

from collections.abc import Mapping
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils.translation import gettext as _

from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger import services as ledger
from compounds.ledger.refusals import refuse
from compounds.register import names
from compounds.register.choices import Status
from compounds.register.models import Compound

#: What may be edited; everything else of a compound follows the ledger.
FACTS = (
    "name", "former_names", "address", "kind", "built_year", "buildings", "residential_area_dm2", "area_source",
    "category_basis", "ownership", "original_owner", "developer", "renovated_year", "contract_term",
    "contract_filing_no", "fee", "collection_rate", "owners_committee", "committee_term_ends", "unmanaged_reason",
    "abandoned_since", "duty_person", "contact", "phone", "note",
)  # fmt: skip


def create(*, community: Division, name: str, facts: Mapping[str, Any], by: User) -> Compound:
    """Enter a compound in the register; its area is pending until one is registered. The code is given here."""
    _check_community(community)
    with ledger.writing() as writer, set_actor(by):
        compound = Compound(
            code=numbered(community.code, last_number(community.code) + 1), community=community, **facts, **named(name)
        )
        writer.adopt(compound)
        compound.save()
    return compound


def _check_community(division: Division) -> None:
    """A compound lies in a community that has not ended."""
    if division.level != Level.COMMUNITY:
        message = _("A compound lies in a community; choose one below %(division)s.")
        raise refuse("community", division.code, message % {"division": division})
    if division.ended_on:
        message = _("%(division)s ended on %(date)s; choose its successor.")
        facts = {"division": division, "date": division.ended_on.isoformat()}
        raise refuse("community", division.code, message % facts)


def last_number(community: str) -> int:
    """The highest NNN among the codes ``<community>-NNN``; who takes the next one holds the ledger's lock."""
    taken = Compound.objects.filter(code__startswith=f"{community}-").values_list("code", flat=True)
    numbers = [code[len(community) + 1 :] for code in taken]
    return max((int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 10), default=0)


def numbered(community: str, number: int) -> str:
    """The compound code of a number."""
    return f"{community}-{number:03d}"


def named(name: str) -> dict[str, str]:
    """A name with the forms that are kept beside it."""
    return {
        "name": name, "normalised_name": names.normalise(name), "name_stem": names.stem(name),
        "initials": names.initials(name),
    }  # fmt: skip


class Meanwhile(Exception):
    """Facts are no longer what the person saw who changes them; ``current`` says what they are."""

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__(", ".join(current))
        self.current = current


@transaction.atomic
def update_facts(
    *, compound: Compound, changes: Mapping[str, Any], by: User, seen: Mapping[str, Any] | None = None
) -> list[str]:  # fmt: skip
    """Change descriptive facts; the edit history keeps before and after. Returns the fields that changed.

    ``seen``: what the person saw before changing it; raises Meanwhile where somebody else has changed it since.
    """
    compound = Compound.objects.select_for_update().get(pk=compound.pk)
    current = {name: getattr(compound, name) for name in seen or {}}
    if other := {name: now for name, now in current.items() if now not in ((seen or {})[name], changes.get(name))}:
        raise Meanwhile(other)
    values = {**changes, **(named(changes["name"]) if "name" in changes else {})}
    changed = [field for field, value in values.items() if getattr(compound, field) != value]
    if changed:
        for field in changed:
            setattr(compound, field, values[field])
        with set_actor(by):
            compound.save(update_fields=[*changed, "updated_at"])
    return [field for field in changed if field in FACTS]


def move_pending(*, compound: Compound, community: Division, by: User) -> Compound:
    """Correct the community of a compound whose area is pending; with area it moves by a relocation only."""
    _check_community(community)
    return _change_pending(compound, {"community": community}, by)


def retire(*, compound: Compound, by: User) -> Compound:
    """Withdraw a duplicate whose area is pending; it counts nowhere from now on and takes no registration."""
    return _change_pending(compound, {"status": Status.RETIRED}, by)


def _change_pending(compound: Compound, values: dict[str, Any], by: User) -> Compound:
    """Under the ledger's lock, so that no registration comes in between."""
    with ledger.writing([compound.code]) as writer:
        locked = writer.compounds[compound.code]
        if locked.has_area or locked.status != Status.ACTIVE:
            message = _("%(compound)s has area in the ledger or is no longer active; record a change instead.")
            raise refuse("compound", compound.code, message % {"compound": writer.label(compound.code)})
        for field, value in values.items():
            setattr(locked, field, value)
        with set_actor(by):
            locked.save(update_fields=[*values, "updated_at"])
    return locked
