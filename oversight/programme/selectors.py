"""Reads on the programme: the one in force, its targets, its counting rules by date."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from communities.divisions.models import Division
from compounds.ledger.choices import Mode
from oversight.programme.choices import Unit
from oversight.programme.models import CountingRule, PartVersion, Programme, Target, TargetPart, TargetVersion

STANDARD = "standard"


def current() -> Programme | None:
    """The city's programme; None before the reference data are loaded."""
    return Programme.objects.select_related("city", "baseline").order_by("starts_on").last()


def baseline_date() -> datetime.date | None:
    """Where the programme's baseline lies; None before the reference data are loaded."""
    programme = current()
    return programme.baseline_on if programme else None


def targets(programme: Programme) -> QuerySet[Target]:
    """The programme's targets; a target without any version asks for nothing yet and is left out."""
    versions = TargetVersion.objects.prefetch_related("milestones").select_related("recorded_by", "withdrawn_by")
    return (
        programme.targets.filter(Exists(TargetVersion.objects.filter(target=OuterRef("pk"), withdrawn_at=None)))
        .select_related("clause", "programme")
        .prefetch_related("divisions", Prefetch("versions", versions))
    )


def standing(target: Target) -> list[TargetVersion]:
    """The target's versions that were not withdrawn, oldest first."""
    return sorted((version for version in target.versions.all() if version.stands), key=lambda each: each.valid_from)


def version_on(target: Target, on: datetime.date) -> TargetVersion:
    """What the target asks for on a date: the newest version valid by then, else its first."""
    versions = standing(target)
    valid = [version for version in versions if version.valid_from <= on]
    return valid[-1] if valid else versions[0]


@dataclass(frozen=True)
class Given:
    """A part of a target with the version in force."""

    part: TargetPart
    version: PartVersion

    @property
    def code(self) -> str:
        return self.part.division_id

    @property
    def milestones(self) -> list[tuple[datetime.date, int]]:
        return milestones(self.version)


def parts(target: Target, on: datetime.date) -> list[Given]:
    """The parts into which a target is broken down on a date, by code: before its first document a part is none."""
    versions = PartVersion.objects.filter(withdrawn_at=None, valid_from__lte=on).order_by("valid_from")
    found = target.parts.select_related("division").prefetch_related(
        Prefetch("versions", versions.prefetch_related("milestones"), to_attr="in_force")
    )
    return [Given(part, part.in_force[-1]) for part in found.order_by("division") if part.in_force]


def given_on(versions: Iterable[PartVersion], on: datetime.date) -> list[Given]:
    """The same from all versions of a target's parts, whoever has read them with part and division."""
    found: dict[str, PartVersion] = {}
    for version in sorted(versions, key=lambda each: each.valid_from):
        if version.stands and version.valid_from <= on:
            found[version.part.division_id] = version
    return [Given(found[code].part, found[code]) for code in sorted(found)]


def parts_of(targets: Iterable[Target], codes: Iterable[str], on: datetime.date) -> dict[tuple[str, str], Given]:
    """The parts of several targets on a date that certain divisions were given, by target and division."""
    versions = PartVersion.objects.filter(
        part__target__in=list(targets), part__division__in=list(codes), withdrawn_at=None, valid_from__lte=on
    )
    found = versions.select_related("part").prefetch_related("milestones").order_by("valid_from")
    return {(version.part.target_id, version.part.division_id): Given(version.part, version) for version in found}


def milestones(version: TargetVersion | PartVersion) -> list[tuple[datetime.date, int]]:
    """(day, required in all by then), in order."""
    return sorted((each.due_on, each.required) for each in version.milestones.all())


def versions_of_parts(target: Target) -> QuerySet[PartVersion]:
    """Every version of every part, newest first, withdrawn ones included."""
    found = PartVersion.objects.filter(part__target=target)
    related = ("part__division", "recorded_by", "withdrawn_by")
    return (
        found.select_related(*related).prefetch_related("milestones").order_by("-valid_from", "part__division", "-pk")
    )


@dataclass(frozen=True)
class Holder:
    """Who has a target, or a part of it, to break down further: ``code`` is where, ``required`` how much (None: all).

    The whole of a target about several divisions is held by the city; of one about a single division by that one.
    """

    target: Target
    division: Division
    given: Given | None
    is_whole: bool

    @property
    def scope_code(self) -> str:
        return self.division.code

    @property
    def has_a_task(self) -> bool:
        return self.is_whole or self.given is not None


def holder(target: Target, code: str, on: datetime.date, known: Iterable[Given] | None = None) -> Holder | None:
    """Who holds what in a division: the whole for a blank code; None where the target asks nothing of the division.

    ``known``: the target's parts on that day, by whoever has read them already.
    """
    divisions = list(target.divisions.all())
    top = divisions[0] if len(divisions) == 1 else target.programme.city
    if code in ("", top.code):
        return Holder(target, top, None, is_whole=True)
    division = Division.objects.filter(code=code).first() if code.isascii() and code.isdigit() else None
    if division is None or not code.startswith(tuple(each.code for each in divisions)):
        return None
    given = {each.code: each for each in (parts(target, on) if known is None else known)}
    return Holder(target, division, given.get(code), is_whole=False)


def receivers(holder: Holder, on: datetime.date) -> list[Division]:
    """The divisions that can be given parts: of a whole its divisions, else the ones right below that exist then."""
    divisions = sorted(holder.target.divisions.all(), key=lambda division: division.code)
    if holder.is_whole and len(divisions) > 1:
        return divisions
    return list(Division.objects.filter(parent=holder.division).existing(on).order_by("code"))


def rule_codes() -> list[str]:
    return sorted(set(CountingRule.objects.values_list("code", flat=True)))


def rule_on(code: str, on: datetime.date) -> CountingRule | None:
    """The counting rule as it stands on a date: the newest row valid by then, else its first."""
    rows = list(CountingRule.objects.filter(code=code).order_by("valid_from"))
    valid = [row for row in rows if row.valid_from <= on]
    return valid[-1] if valid else rows[0] if rows else None


def every_rule() -> list[CountingRule]:
    """All that counting rules ever said, by code and day."""
    return list(CountingRule.objects.order_by("code", "valid_from"))


def modes_over_time(code: str, known: Iterable[CountingRule] = ()) -> Callable[[datetime.date], tuple[str, ...]]:
    """The modes that a rule counts, by date; ``known``: all rules, by whoever has read them already."""
    rows = [rule for rule in known or every_rule() if rule.code == code]

    def on(day: datetime.date) -> tuple[str, ...]:
        valid = [row for row in rows if row.valid_from <= day]
        return tuple(counted_modes((valid or rows)[-1 if valid else 0]))

    return on


def rules_on(on: datetime.date, known: Iterable[CountingRule] = ()) -> list[CountingRule]:
    """Every counting rule as it stands on a date, the standard one first; ``known`` as of ``modes_over_time``."""
    found: dict[str, CountingRule] = {}
    for rule in known or every_rule():
        if rule.code not in found or rule.valid_from <= on:
            found[rule.code] = rule
    return sorted(found.values(), key=lambda rule: rule.code != STANDARD)


def counted_modes(rule: CountingRule) -> list[str]:
    """The modes that count, in the order of the screens."""
    return [mode.value for mode in Mode if mode.value in rule.modes]


def counts_towards_a_target(community: str, categories: set[str]) -> bool:
    """Whether a target of the programme in force counts area of one of these categories in a community."""
    return any(
        categories & set(target.categories) and community.startswith(tuple(d.code for d in target.divisions.all()))
        for target in _asked_for()
    )


def _asked_for() -> QuerySet[Target]:
    """Targets of the programme in force that have a version, with their divisions and nothing else."""
    newest = Programme.objects.order_by("-starts_on").values("pk")[:1]
    asked = Exists(TargetVersion.objects.filter(target=OuterRef("pk"), withdrawn_at=None))
    return Target.objects.filter(asked, programme__in=newest).prefetch_related("divisions")


def targets_of_area() -> QuerySet[Target]:
    """Those of the programme in force that count area."""
    return _asked_for().filter(unit=Unit.AREA)
