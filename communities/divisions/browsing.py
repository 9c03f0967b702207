"""Reads for the pages on divisions: the list, what lies below one, and the changes that it took part in."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from chaoyang_pm.kit import edits
from communities.divisions.choices import Level
from communities.divisions.models import Division, Succession

LIVING, ENDED, ALL = "", "ended", "all"


@dataclass(frozen=True)
class Asked:
    """What the list is asked for: part of a name or the beginning of a code, a level, living or ended ones."""

    q: str = ""
    level: str = ""
    state: str = LIVING

    def __bool__(self) -> bool:
        return bool(self.q or self.level or self.state)


def found(user: Any, asked: Asked) -> QuerySet[Division]:
    """The divisions asked for, within the reader's scope; asked for nothing, the counties, from where one goes down."""
    divisions = with_number_below(was().visible_to(user))
    if not asked:
        return divisions.living().filter(level=Level.COUNTY)
    if asked.state != ALL:
        divisions = divisions.filter(ended_on__isnull=asked.state != ENDED)
    if asked.level:
        divisions = divisions.filter(level=asked.level)
    if asked.q:
        named = Q(name__icontains=asked.q) | Q(short_name__icontains=asked.q) | Q(code__startswith=asked.q)
        before = Division.objects.filter(former_names__name__icontains=asked.q).values("pk")
        divisions = divisions.filter(named | Q(pk__in=before))
    return divisions


def below(user: Any, division: Division) -> list[Division]:
    """What lies right below a division, what has ended last."""
    children = with_number_below(was().filter(parent=division).visible_to(user))
    return sorted(children, key=lambda child: (child.ended_on is not None, child.code))


def was() -> Any:
    """Divisions that there are or were at some time; not those whose succession was undone."""
    return Division.objects.exclude(ended_on__isnull=False, ended_on=F("began_on"))


def with_number_below(divisions: Any) -> Any:
    """With ``number_below``: how many living divisions lie right below."""
    living = Count("children", filter=Q(children__ended_on__isnull=True))
    return divisions.select_related("parent__parent").annotate(number_below=living).order_by("code")


def numbers() -> dict[str, int]:
    """How many living divisions there are of each level, from the city down."""
    counted = dict(Division.objects.living().order_by().values_list("level").annotate(Count("pk")))
    return {level.value: counted.get(level.value, 0) for level in Level}


def changes(user: Any, division: Division) -> QuerySet[Succession]:
    """The changes of divisions that it took part in, newest first, undone ones too."""
    own = Q(lines__from_division=division) | Q(lines__to_division=division)
    numbers_of = Succession.objects.filter(own).values("pk")
    seen = Succession.objects.visible_to(user).filter(pk__in=numbers_of).distinct()
    return seen.select_related("recorded_by").prefetch_related("lines")


def history(division: Division) -> list[edits.Edit]:
    """Who entered or edited it, each field before and after, newest first; the reference data say nothing."""
    return edits.of(division, telling=edits.Telling(without=("code", "level", "parent")))
