"""Who manages a compound (物业服务单位): the newest provider that an event standing at (date, height) named."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from communities.people.models import User
from compounds.ledger.choices import Kind
from compounds.ledger.models import Entry


def naming(*, user: User, as_of: datetime.date, height: int) -> QuerySet[Entry]:
    """Standing events that name a provider or, as a lapse does, end one, as far as ``user`` sees them."""
    entries = Entry.objects.visible_to(user).filter(height__lte=height, effective_on__lte=as_of)
    standing = entries.filter(Q(reversed_by__isnull=True) | Q(reversed_by__height__gt=height))
    return standing.filter(Q(kind=Kind.LAPSE) | ~Q(provider_to=""))


def newest(compound: str, **moment: Any) -> Subquery:
    """The provider of the compound whose key stands at ``compound`` of an outer query."""
    named = naming(**moment).filter(compound=OuterRef(compound)).order_by("-effective_on", "-height")
    return Subquery(named.values("provider_to")[:1])


def of(compounds: Iterable[int], **moment: Any) -> dict[int, str]:
    """By key of the compound; missing where none is known."""
    named = naming(**moment).filter(compound__in=compounds).order_by("effective_on", "height")
    return dict(named.values_list("compound", "provider_to"))


def served_by(text: str, **moment: Any) -> QuerySet:
    """Keys of the compounds whose provider's name contains ``text``."""
    every = naming(**moment)
    later = every.filter(compound=OuterRef("compound")).filter(
        Q(effective_on__gt=OuterRef("effective_on"))
        | Q(effective_on=OuterRef("effective_on"), height__gt=OuterRef("height"))
    )
    named = every.filter(provider_to__icontains=text).filter(~Exists(later))
    return named.order_by().values(key=F("compound"))
