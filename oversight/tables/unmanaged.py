"""未管小区清单: compounds with area that no counted mode manages, community by community."""

import datetime
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils.translation import ngettext

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.ledger.models import Posting
from compounds.modes import selectors as modes
from compounds.modes.selectors import Standing
from compounds.register.models import Compound
from compounds.register.selectors import shown
from oversight.coverage.question import Question
from oversight.plans.foreseen import in_force
from oversight.plans.models import PlanLine
from oversight.programme import selectors as programme


@dataclass(frozen=True)
class Intended:
    """What the plan in force says of a compound."""

    mode: str
    due_on: datetime.date
    by_quarter: bool
    person: str


@dataclass(frozen=True)
class Unmanaged:
    """One compound: its unmanaged area and the households there; ``managed`` is what of it is managed.

    ``reason`` and ``duty_person`` are facts of the register, ``stands`` where its procedure is, all as they are now;
    ``plan`` is that in force on the date. "" and None where not given.
    """

    code: str
    name: str
    community: str
    area: int
    managed: int
    households: int
    reason: str
    duty_person: str
    stands: Standing | None = None
    plan: Intended | None = None

    @property
    def step(self) -> str:
        """卡在哪步, with the days that it has been there."""
        if self.stands is None:
            return ""
        text = ngettext("%(step)s, %(days)s day", "%(step)s, %(days)s days", self.stands.days)
        return text % {"step": self.stands.step, "days": self.stands.days}

    @property
    def mode(self) -> str:
        """拟用模式: that which its procedure leads to, else that of the plan."""
        return self.stands.mode if self.stands else self.plan.mode if self.plan else ""

    @property
    def person(self) -> str:
        """责任人: the plan's, else who answers for the compound."""
        return self.plan.person if self.plan else self.duty_person


@dataclass(frozen=True)
class UnmanagedList:
    """The rows in order of communities; ``places`` are their names from the county down; ``pending`` is 面积待核."""

    rows: list[Unmanaged]
    places: dict[str, str]
    pending: int

    @property
    def area(self) -> int:
        return sum(row.area for row in self.rows)

    @property
    def households(self) -> int:
        return sum(row.households for row in self.rows)


def unmanaged(question: Question) -> UnmanagedList:
    """The compounds of the question's division; eight queries, however many they are."""
    counted = Q(mode__in=question.modes)
    compound = ("compound__code", "compound__name", "compound__unmanaged_reason", "compound__duty_person")
    sums = (
        Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
        .order_by()
        .values_list("community_id", *compound)
        .annotate(
            area=Sum("area_dm2", filter=~counted, default=0), managed=Sum("area_dm2", filter=counted, default=0),
            homes=Sum("households", filter=~counted, default=0),
        )
        .filter(area__gt=0)
    )  # fmt: skip
    on_their_way, intended = modes.standing_within(question.division.code), _intended(question)
    rows = [
        Unmanaged(
            code, name, community, int(area), int(managed), int(homes), reason,
            shown("duty_person", duty) if duty else "", on_their_way.get(code),
            intended.get(code),
        )
        for community, code, name, reason, duty, area, managed, homes in sums.order_by("community_id", "compound__code")
    ]  # fmt: skip
    pending = Compound.objects.within(question.division.code).area_pending().count()
    return UnmanagedList(rows, _places(question, {row.community for row in rows}), pending)


def _intended(question: Question) -> dict[str, Intended]:
    """By compound, what the plans in force on the date intend."""
    versions = in_force(programme.current(), question.division.code, question.as_of)
    rows = PlanLine.objects.filter(version__in=versions, compound__isnull=False).order_by()
    fields = ("compound__code", "mode", "due_on", "by_quarter", "person")
    return {code: Intended(*facts) for code, *facts in rows.values_list(*fields)} if versions else {}


def _places(question: Question, communities: set[str]) -> dict[str, str]:
    """Community → the names from below the question's division down to it, as of its date."""
    lengths = [length for level, length in CODE_LENGTH.items() if level != Level.CITY]
    lengths = [length for length in lengths if length > len(question.division.code)] or lengths[-1:]
    codes = {community[:length] for community in communities for length in lengths}
    names = {d.code: str(d) for d in as_called_on(Division.objects.filter(code__in=codes), question.as_of)}
    return {
        community: " ".join(names[community[:length]] for length in lengths) for community in sorted(communities)
    }  # fmt: skip
