"""Reads on the register: compounds with their balances at (date, height), possible duplicates, history of edits."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import BigIntegerField, F, Field, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from chaoyang_pm.kit.edits import Edit, Telling
from chaoyang_pm.kit.edits import of as read_edits
from chaoyang_pm.kit.figures import format_m2, masked, ratio
from chaoyang_pm.kit.labels import field_label, value_label
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.contents import Content
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Mode
from compounds.ledger.models import Posting
from compounds.register import names
from compounds.register.choices import Cover, Status
from compounds.register.models import Compound
from compounds.register.services import FACTS

MANAGED = tuple(mode.value for mode in Mode if mode != Mode.NONE)
COVERS = {
    Cover.MANAGED: Q(managed=F("total")),
    Cover.PARTLY: Q(managed__gt=0, managed__lt=F("total")),
    Cover.UNMANAGED: Q(managed=0),
}


def find(text: str) -> QuerySet[Compound]:
    """Compounds by part of a name, former name or code, or by pinyin initials (``hycs`` finds 华园城市)."""
    wanted = names.normalise(text)
    if not wanted:
        return Compound.objects.none()
    return Compound.objects.filter(
        Q(normalised_name__contains=wanted)
        | Q(former_names__icontains=text.strip())
        | Q(code__startswith=text.strip())
        | Q(initials__startswith=wanted)
    )


def postings(
    *, as_of: datetime.date, height: int, code: str = "", scope: Scope = EVERYWHERE
) -> QuerySet[Posting]:  # fmt: skip
    """What makes up the balances at (date, height) in a division, else in a scope."""
    if code:
        return Posting.objects.at(code=code, as_of=as_of, height=height)
    return Posting.objects.filter(scope.q("community"), effective_on__lte=as_of, entry__lte=height)


def holding_area(
    *, as_of: datetime.date, height: int, code: str = "", scope: Scope = EVERYWHERE, **pocket
) -> QuerySet:  # fmt: skip
    """Keys of the compounds that hold area at (date, height): in a division, of a category, under a mode."""
    own = postings(as_of=as_of, height=height, code=code, scope=scope).filter(**pocket)
    return own.order_by().values("compound").annotate(held=Sum("area_dm2")).filter(held__gt=0).values("compound")


def lying_in(code: str, *, as_of: datetime.date, height: int) -> QuerySet[Compound]:
    """Compounds with area in a division at (date, height), and those registered there whose area is pending."""
    pending = Compound.objects.within(code).area_pending().values("pk")
    held = holding_area(as_of=as_of, height=height, code=code)
    return Compound.objects.filter(Q(pk__in=held) | Q(pk__in=pending))


def rows(
    compounds: QuerySet[Compound], *, as_of: datetime.date, height: int, code: str = "", scope: Scope = EVERYWHERE,
    modes: Iterable[str] = MANAGED,
) -> QuerySet[Compound]:  # fmt: skip
    """Compounds with ``total``, ``managed``, ``unmanaged`` and ``households`` at (date, height), in one query.

    With ``code``, what lies in that division, so that rows add up to its figures; else what lies in ``scope``.
    """
    own = (
        postings(as_of=as_of, height=height, code=code, scope=scope)
        .filter(compound=OuterRef("pk"))
        .order_by()
        .values("compound")
    )
    counted = own.filter(mode__in=modes)
    return compounds.select_related("community__parent__parent").annotate(
        total=_sum(own, "area_dm2"),
        managed=_sum(counted, "area_dm2"),
        unmanaged=_sum(own, "area_dm2") - _sum(counted, "area_dm2"),
        households=_sum(own, "households"),
    )


def _sum(postings: QuerySet, column: str) -> Coalesce:
    summed = postings.annotate(summed=Sum(column)).values("summed")
    return Coalesce(Subquery(summed, output_field=BigIntegerField()), Value(0))


@dataclass(frozen=True)
class Totals:
    """The total row of a list of compounds."""

    compounds: int
    total: int
    managed: int
    households: int

    @property
    def unmanaged(self) -> int:
        return self.total - self.managed

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.total)


def covered(
    *, as_of: datetime.date, height: int, code: str = "", scope: Scope = EVERYWHERE, cover: Cover | None = None,
    area: tuple[int | None, int | None] = (None, None),
) -> QuerySet:  # fmt: skip
    """Keys of the compounds that hold area at (date, height): managed as ``cover`` says, from one area to another."""
    own = postings(as_of=as_of, height=height, code=code, scope=scope).order_by().values("compound")
    held = own.annotate(
        total=Coalesce(Sum("area_dm2"), 0), managed=Coalesce(Sum("area_dm2", filter=Q(mode__in=MANAGED)), 0)
    ).filter(total__gt=0)
    least, most = area
    if least is not None:
        held = held.filter(total__gte=least)
    if most is not None:
        held = held.filter(total__lte=most)
    if cover:
        held = held.filter(COVERS[cover])
    return held.values("compound")


def possible_duplicates(*, community: str, name: str, besides: int | None = None) -> QuerySet[Compound]:
    """Compounds of the community whose name differs only in what clerks add or drop. Offered, never merged silently.

    Left out are those that somebody told apart from ``besides``.
    """
    found = Compound.objects.filter(community=community, name_stem=names.stem(name)).exclude(status=Status.RETIRED)
    if besides:
        apart = Q(apart_from_later__second=besides) | Q(apart_from_earlier__first=besides)
        found = found.exclude(pk=besides).exclude(apart)
    return found.order_by("code")


#: Facts in the order of the page; the name and former names stand in its heading.
SHOWN = [name for name in FACTS if name not in ("name", "former_names", "kind")]


@dataclass(frozen=True)
class Fact:
    """A descriptive fact as the page shows it; the telephone masked."""

    name: str
    label: str
    value: str
    is_known: bool = True


def fact(compound: Compound, name: str) -> Fact:
    value = getattr(compound, name)
    return Fact(name, label(name), shown(name, value), value not in ("", None))


def facts(compound: Compound, *, provider: str) -> list[Fact]:
    """The descriptive facts in the order of the page, those that nobody entered yet among them."""
    known = [Fact("provider", str(_("Provider")), provider)] if provider else []
    return [*known, *(fact(compound, name) for name in SHOWN)]


def edits(compound: Compound, *, only: str = "") -> list[Edit]:
    """The history of descriptive edits (of one fact), newest first; what the ledger moved is in the timeline."""
    wanted = (only,) if only else FACTS
    telling = Telling(only=wanted, show=shown, labels={name: label(name) for name in wanted}, masked=("phone",))
    return [edit for edit in read_edits(compound, telling=telling) if edit.details and not edit.is_new]


@dataclass(frozen=True)
class Since:
    """A fact that changed while somebody was writing: what it was, what it is, and the edit that did it."""

    label: str
    before: str
    now: str
    edit: Edit | None


def meanwhile(compound: Compound, names: list[str]) -> list[Since]:
    found = []
    for name in names:
        newest = next(iter(edits(compound, only=name)), None)
        before = newest.details[0][1] if newest else ""
        found.append(Since(label(name), before, fact(compound, name).value, newest))
    return found


def field(name: str) -> Field:
    return cast(Field, Compound._meta.get_field(name))


def label(name: str) -> str:
    if name == "residential_area_dm2":
        return str(_("Residential area (㎡)"))
    return field_label(Compound, name)


def shown(name: str, value: Any) -> str:
    """A fact, or its text in the audit trail, as the page shows it."""
    if value in ("", "None", None):
        return "—"
    if name == "phone":
        return masked(value)
    if name == "residential_area_dm2":
        return format_m2(int(value))
    return value_label(Compound, name, value)


def communities_by_subdistrict(scope: Scope) -> list[tuple[str, list[tuple[str, str]]]]:
    """Living communities of a scope under the names of their county and subdistrict: the choices of a form."""
    divisions = {division.code: division for division in Division.objects.living()}
    by_parent: dict[str, list[tuple[str, str]]] = {}
    for code, division in divisions.items():
        if division.level == Level.COMMUNITY and scope.covers(code):
            county, subdistrict = (divisions[code[: CODE_LENGTH[level]]] for level in (Level.COUNTY, Level.SUBDISTRICT))
            by_parent.setdefault(f"{county} · {subdistrict}", []).append((code, str(division)))
    return list(by_parent.items())


def in_division(user: User, division: Division) -> Content:
    """What a division's own page says of compounds: the active ones that lie there now, and where they are listed."""
    active = Compound.objects.visible_to(user).within(division.code).filter(status=Status.ACTIVE)
    address = reverse("register:list", query={"division": division.code, "status": Status.ACTIVE.value})
    return Content(_("Active compounds"), active.count(), address)
