"""What was changed in the settings, by whom and when: programme, targets, rules, divisions, words, second persons."""

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit import edits
from chaoyang_pm.kit.figures import format_wan
from communities.divisions.models import Division
from communities.notices.models import Schedule
from communities.people.logs import Period
from compounds.approvals.models import SecondPerson
from compounds.imports.models import Synonym
from compounds.imports.vocabulary import meanings
from compounds.ledger.choices import Category, Mode
from compounds.modes.fact_models import TenderRule, VoteRule
from compounds.modes.models import EvidenceRule, ProcedureKind, ProcedureStep
from compounds.reports.models import ReviewDays, SkippedLevel
from compounds.returns.models import ExtensionRight, ReturnDeadline
from oversight.plans.models import PlanDeadline
from oversight.programme.choices import Unit
from oversight.programme.models import (
    Baseline,
    Clause,
    CountingRule,
    PartVersion,
    Programme,
    Target,
    TargetVersion,
)  # fmt: skip
from oversight.programme.selectors import milestones

#: Kind of setting → what it is called, and the models whose rows it is. Milestones are entered with
#: their version, and never changed by themselves: its line names them.
KINDS: dict[str, tuple[Any, tuple[type[Model], ...]]] = {
    "programme": (gettext_lazy("Programme"), (Programme, Baseline, Clause)),
    "targets": (gettext_lazy("Targets"), (Target, TargetVersion, PartVersion)),
    "rules": (gettext_lazy("Counting rules"), (CountingRule,)),
    "evidence": (gettext_lazy("Key evidence of takeovers"), (EvidenceRule,)),
    "procedures": (gettext_lazy("Procedures of P4.2"), (ProcedureKind, ProcedureStep, VoteRule, TenderRule)),
    "divisions": (gettext_lazy("Divisions"), (Division,)),
    "words": (gettext_lazy("Words of imports"), (Synonym,)),
    "notices": (gettext_lazy("Schedule of notices"), (Schedule,)),
    "second_persons": (gettext_lazy("Second persons"), (SecondPerson,)),
    "plans": (gettext_lazy("Deadlines of plans"), (PlanDeadline,)),
    "reports": (gettext_lazy("Reports and returns"), (ReviewDays, SkippedLevel, ReturnDeadline, ExtensionRight)),
}
KIND_OF = {model: kind for kind, (_label, models) in KINDS.items() for model in models}
#: Fields that the line says otherwise: whose row it is, and who did it when.
SAID = {
    "target", "part", "programme", "city", "level", "parent", "recorded_at", "recorded_by", "withdrawn_at",
    "withdrawn_by", "locked_at", "locked_by", "asked_at", "asked_by", "set_at", "set_by",
}  # fmt: skip
#: The models name the unit that is stored; here stands the one that is shown.
LABELS = {
    "required_dm2": gettext_lazy("Required"), "base_dm2": gettext_lazy("Base figure by the document"),
    "height": gettext_lazy("Version of the data"),
}  # fmt: skip
WHAT = {
    (Baseline, LogEntry.Action.CREATE): gettext_lazy("Locked"),
    (SecondPerson, LogEntry.Action.CREATE): gettext_lazy("Asked for"),
    (SecondPerson, LogEntry.Action.DELETE): gettext_lazy("No longer asked for"),
}


@dataclass(frozen=True)
class Line:
    """One change. ``about`` is whose it is, ``address`` the page about it ("" where it has none)."""

    kind: Any
    about: str
    address: str
    edit: edits.Edit


def found(kind: str = "", who: str = "") -> QuerySet[LogEntry]:
    """The changes of a kind ("": of all), by somebody whose name has ``who`` in it; newest first."""
    entries = _changes(KINDS[kind][1] if kind else KIND_OF)
    if who:
        entries = entries.filter(actor__in=Period(who=who).people())
    return entries.select_related("actor", "content_type").order_by("-timestamp", "-pk")


def latest() -> dict[str, LogEntry]:
    """The last change of each kind that was ever changed; two queries."""
    types = {content_type.pk: model for model, content_type in _models().items()}
    newest = _changes(KIND_OF).order_by().values("content_type").annotate(newest=Max("timestamp"))
    times = {row["newest"] for row in newest}
    entries = _changes(KIND_OF).filter(timestamp__in=times).select_related("actor")
    return {KIND_OF[types[entry.content_type_id]]: entry for entry in entries.order_by("timestamp", "pk")}


def read(entries: Iterable[LogEntry]) -> list[Line]:
    """A page of changes in words."""
    entries = list(entries)
    whose = _whose(entries)
    return [_line(entry, whose) for entry in entries]


def _models() -> dict[type[Model], ContentType]:
    return ContentType.objects.get_for_models(*KIND_OF, for_concrete_models=True)


def _changes(models: Iterable[type[Model]]) -> QuerySet[LogEntry]:
    """What was noted of these models, without what came in with the reference data: rows that nobody entered."""
    known = _models()
    entries = LogEntry.objects.filter(content_type__in=[known[model] for model in models])
    entered = Q(action=LogEntry.Action.CREATE) & ~Q(content_type=known[Baseline])
    linked = Q(content_type=known[Target], changes__has_key="divisions")
    return entries.exclude(Q(actor__isnull=True) & (entered | linked))


@dataclass(frozen=True)
class Owner:
    """The target that a version or part belongs to, and what it counts; of a part also its division."""

    target: str
    unit: str
    name: str
    milestones: list[tuple[datetime.date, int]]


def _whose(entries: list[LogEntry]) -> dict[tuple[type[Model], int], Owner]:
    keys: dict[type[Model], set[int]] = {TargetVersion: set(), PartVersion: set()}
    for entry in entries:
        model = entry.content_type.model_class()
        if model in keys and entry.object_id is not None:
            keys[model].add(entry.object_id)
    owners: dict[tuple[type[Model], int], Owner] = {}
    if keys[TargetVersion]:
        rows = TargetVersion.objects.filter(pk__in=keys[TargetVersion]).select_related("target")
        for row in rows.prefetch_related("milestones"):
            name = f"{row.target} {row.valid_from}"
            owners[TargetVersion, row.pk] = Owner(row.target_id, row.target.unit, name, milestones(row))
    if keys[PartVersion]:
        given = PartVersion.objects.filter(pk__in=keys[PartVersion]).select_related("part__target", "part__division")
        for part_version in given.prefetch_related("milestones"):
            part = part_version.part
            name = f"{part.target_id} {part.division} {part_version.valid_from}"
            owners[PartVersion, part_version.pk] = Owner(
                part.target_id, part.target.unit, name, milestones(part_version)
            )  # fmt: skip
    return owners


def _line(entry: LogEntry, whose: dict[tuple[type[Model], int], Owner]) -> Line:
    model = entry.content_type.model_class()
    owner = whose.get((model, entry.object_id or 0))
    said = entry.changes_dict.get("field") or ["", ""]

    def show(name: str, value: Any) -> str | None:
        return _shown(model, name, value, owner.unit if owner else "", said[1])

    edit = edits.read(entry, model, edits.Telling(without=SAID, show=show, labels=LABELS, what=_what))
    if owner and edit.is_new:
        edit = replace(edit, details=edit.details + _milestones(owner))
    return Line(KINDS[KIND_OF[model]][0], _about(entry, model, owner), _address(entry, model, owner), edit)


def _milestones(owner: Owner) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (f"{_('Milestone')} {day.isoformat()}", edits.NOTHING, _amount(due, owner.unit))
        for day, due in owner.milestones
    )


def _what(entry: LogEntry) -> str | None:
    """What happened, where the page has a word of its own for it."""
    if entry.changes_dict.get("withdrawn_at") and entry.action == LogEntry.Action.UPDATE:
        return _("Withdrawn")
    word = WHAT.get((entry.content_type.model_class(), entry.action))
    return None if word is None else str(word)


def _about(entry: LogEntry, model: type[Model], owner: Owner | None) -> str:
    if owner:
        return owner.name
    if model is Division:
        return f"{entry.object_repr} {entry.object_pk}"
    if model is Synonym:  # the word without the code that it stood for
        return entry.object_repr.partition(" → ")[0]
    return entry.object_repr if model is not Baseline else _("Locked baseline")


#: What the page of all procedures shows.
STEPWISE = (ProcedureKind, ProcedureStep, VoteRule, TenderRule)


def _address(entry: LogEntry, model: type[Model], owner: Owner | None) -> str:
    if owner or model is Target:
        return reverse("programme:target", args=[owner.target if owner else entry.object_pk])
    if model is Division:
        return reverse("divisions:division", args=[entry.object_pk])
    return {
        Programme: reverse("settings:programme"), Baseline: reverse("settings:programme"),
        Clause: reverse("settings:programme"), CountingRule: reverse("settings:rules"), Synonym: reverse("words:list"),
        Schedule: reverse("notices:schedule"),
        **dict.fromkeys((ReviewDays, SkippedLevel), reverse("review:rules")),
        **dict.fromkeys((ReturnDeadline, ExtensionRight), reverse("returns:rules")),
        EvidenceRule: reverse("modes:evidence"), PlanDeadline: reverse("plan_writing:deadlines"),
        **dict.fromkeys(STEPWISE, reverse("modes:kinds")),
    }.get(model, "")  # fmt: skip


def _amount(value: int, unit: str) -> str:
    if unit == Unit.COMMUNITIES:
        return str(value)
    return _("%(area)s × 10,000 ㎡") % {"area": format_wan(value)}


LISTS = {"categories": Category, "modes": Mode}


def _shown(model: type[Model], name: str, value: Any, unit: str, field: str) -> str | None:
    """Values that the field itself does not say: lists of codes, areas, what a word stands for."""
    if name in LISTS:
        codes = json.loads(value)
        return ", ".join(str(LISTS[name](code).label) for code in codes if code in LISTS[name].values) or edits.NOTHING
    is_area = name in ("required_dm2", "base_dm2") or (model is PartVersion and name in ("required", "base"))
    if is_area:
        return _amount(int(value), unit)
    if model is Synonym and name == "meaning":
        return dict(meanings(field)).get(value, value)
    return None
