"""Reads on reports: how far each is, what was commented, what an office works on, and how communities are chosen."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.labels import field_label
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.choices import Role
from communities.people.models import User
from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry
from compounds.ledger.selectors import newest
from compounds.register.choices import Status
from compounds.register.columns import Column
from compounds.register.models import Compound
from compounds.register.roll import Roll
from compounds.reports.choices import OPEN, ReportState, Step
from compounds.reports.models import Report, ReportStep, SkippedLevel
from compounds.reports.transitions import is_skipped

#: Columns of the register that a card shows.
CARD_COLUMNS = [Column("modes", ""), Column("provider", "")]
RETURNED_FIRST = Case(
    When(state=ReportState.RETURNED, then=Value(0)), When(state=ReportState.DRAFT, then=Value(1)), default=Value(2),
    output_field=IntegerField(),
)  # fmt: skip


# --- one report ------------------------------------------------------------------------------------------
def one(key: str, *, user: User) -> Report | None:
    """The report of a key that somebody has sent; None where there is none, or not for ``user``."""
    try:
        return Report.objects.visible_to(user).select_related("community", "compound").get(pk=uuid.UUID(key))
    except (ValueError, Report.DoesNotExist):
        return None


def latest_comments(report: Report) -> list[tuple[str, str]]:
    """退回意见 that its author has still to answer: (field, text) of the last return, with whose words they are."""
    if report.state != ReportState.RETURNED:
        return []
    returned = report.steps.filter(step=Step.RETURN).select_related("by").prefetch_related("comments")
    last = returned.order_by("-pk").first()
    if last is None:
        return []
    who = said_by(last)
    said = [("", last.reason)] if last.reason else []
    return [(name, f"{who} {text}") for name, text in [*said, *((one.field, one.text) for one in last.comments.all())]]


def said_by(step: ReportStep) -> str:
    """Whose words a return has: the street's, or those of the county."""
    roles = {one.role for one in step.by.current_appointments}
    return _("The street says:") if Role.SUBDISTRICT in roles else _("The county says:")


def story(report: Report) -> list[tuple[ReportStep, list[tuple[str, str]]]]:
    """Every step, the newest last, with its comments: (label of the field, text)."""
    steps = report.steps.select_related("by").prefetch_related("comments").order_by("pk")
    return [(step, [(about(one.field), one.text) for one in step.comments.all()]) for step in steps]


def claimed(report: Report) -> list[tuple[str, str]]:
    """What is claimed, as people read it: label and value of each field that says something."""
    names = [
        "name", "address", "category", "mode_from", "mode_to", "area_dm2", "households", "provider_from", "provider_to",
        "effective_on", "date_basis", "basis_type", "basis_name", "basis_no", "note", "late_reason",
    ]  # fmt: skip
    shown = []
    for name in names:
        value = getattr(report, name)
        if value not in ("", None):
            shown.append((_label(name), _shown(report, name, value)))
    return shown


def _label(name: str) -> str:
    return _("Area (㎡)") if name == "area_dm2" else field_label(Report, name)


def _shown(report: Report, name: str, value: Any) -> str:
    if name == "area_dm2":
        return _("%(area)s (all of it)") % {"area": format_m2(value)} if report.whole else format_m2(value)
    if name == "households":
        return f"{value:,}"
    if name == "effective_on":
        return value.strftime("%Y-%m") if report.precision == "month" else value.isoformat()
    if name in ("category", "mode_from", "mode_to"):
        return getattr(report, f"get_{name}_display")()
    return str(value)


#: Places on the way: 社区 → 街道核实 → 县级审定 → 入账. What has ended another way is on none.
_PLACES = {ReportState.DRAFT: 1, ReportState.RETURNED: 1, ReportState.VERIFIED: 3, ReportState.APPROVED: 5}


@dataclass
class Way:
    """How far reports are, and whose turn it is; who skips the street is looked up once for all of them."""

    rows: list[SkippedLevel] = field(default_factory=lambda: list(SkippedLevel.objects.all()))

    def place(self, report: Report) -> int | None:
        if report.state == ReportState.SUBMITTED:
            return 3 if is_skipped(self.rows, report) else 2
        return _PLACES.get(ReportState(report.state))

    def awaited(self, report: Report) -> str:
        """What comes next for a report under review."""
        if report.state not in (ReportState.SUBMITTED, ReportState.VERIFIED):
            return ""
        return _("waits for the county") if self.place(report) == 3 else _("waits for the street")


# --- the list of an office -------------------------------------------------------------------------------
@dataclass
class Card:
    """A report in a list: what is on its card."""

    report: Report
    awaited: str
    comments: list[tuple[str, str]]


def cards(user: User, *, community: str = "", most: int = 60) -> list[Card]:
    """Reports under way: of a community, else of the user's own offices; returned ones first, with their comments."""
    mine = Report.objects.visible_to(user).filter(state__in=OPEN)
    if community:
        mine = mine.filter(community=community)
    else:
        mine = mine.filter(Q(created_by=user) | Q(reporter__in=[one.role for one in user.current_appointments]))
    listed = list(mine.select_related("compound", "community").order_by(RETURNED_FIRST, "-waiting_since")[:most])
    said = _comments([one for one in listed if one.state == ReportState.RETURNED])
    way = Way() if listed else Way([])
    return [Card(one, way.awaited(one), said.get(one.pk, [])) for one in listed]


def _comments(reports: list[Report]) -> dict[Any, list[tuple[str, str]]]:
    """The words of the last return of each: (label of the field, text)."""
    if not reports:
        return {}
    found: dict[Any, list[tuple[str, str]]] = {}
    steps = ReportStep.objects.filter(report__in=reports, step=Step.RETURN).prefetch_related("comments").order_by("pk")
    for step in steps:  # the last one stays
        said = [("", step.reason)] if step.reason else []
        found[step.report_id] = said + [(about(one.field), one.text) for one in step.comments.all()]
    return found


def about(name: str) -> str:
    """The field that a comment names, as the form calls it."""
    if name == "files":
        return _("Photos")
    return _label(name) if name else ""


def ended(user: User, *, community: str, most: int = 10) -> QuerySet[Report]:
    """The newest reports of a community that are over."""
    over = Report.objects.visible_to(user).filter(community=community).exclude(state__in=OPEN)
    return over.select_related("compound").order_by("-closed_at")[:most]


def of_compound(compound: Compound, *, user: User, most: int = 20) -> list[Report]:
    """The reports about a compound that the user sees, newest first; none for who sees no reports."""
    if not user.may("reports.read"):
        return []
    rows = Report.objects.visible_to(user).filter(compound=compound).select_related("entry")
    return list(rows.order_by("-created_at")[:most])


def of_run(run: ImportRun, *, user: User) -> QuerySet[Report]:
    """The reports that a workbook has become, in the order of its rows."""
    rows = Report.objects.visible_to(user).filter(run=run).select_related("compound", "community")
    return rows.order_by("created_at", "pk")


def still_open(compound: Compound, *, user: User) -> list[Report]:
    """What is on its way about a compound: whoever is to report may find that it was reported already."""
    return [one for one in of_compound(compound, user=user) if one.state in OPEN]


# --- compounds and communities to choose from ------------------------------------------------------------
def own_community(user: User) -> str:
    """The one community that a person works in; "" for who reports from above, or for several."""
    offices = user.current_appointments
    codes = [one.division_id or "" for one in offices if one.role == Role.COMMITTEE]
    return codes[0] if len(codes) == len(offices) == 1 else ""


def roll(compounds: QuerySet[Compound], user: User, *, code: str = "") -> Roll:
    """Compounds in use as the ledger has them today, by the initials of their names."""
    return Roll(
        compounds.filter(status=Status.ACTIVE), user, business_date(), newest().height, code, user.scope, "initials"
    )


@dataclass
class Street:
    """A street with those of its communities that hold compounds, and how many."""

    division: Division
    communities: list[tuple[Division, int]]


def streets(user: User, text: str = "") -> list[Street]:
    """Communities for which a person may report, by street; only those whose name holds ``text``, if any."""
    held = Compound.objects.visible_to(user).filter(status=Status.ACTIVE).order_by()
    numbers = dict(held.values_list("community").annotate(Count("pk")))
    rows = Division.objects.visible_to(user).filter(level=Level.COMMUNITY, ended_on__isnull=True)
    if text:
        rows = rows.filter(Q(name__contains=text) | Q(short_name__contains=text))
    allowed: dict[str, bool] = {}
    found: dict[str, Street] = {}
    for community in rows.filter(code__in=numbers).select_related("parent__parent").order_by("code"):
        county = community.code[: CODE_LENGTH[Level.COUNTY]]
        # Who may report for one community of a county may for all of them that he sees.
        if county not in allowed:
            allowed[county] = bool(user.may("reports.write", community))
        if allowed[county] and community.parent:
            street = found.setdefault(community.parent_id or "", Street(community.parent, []))
            street.communities.append((community, numbers[community.code]))
    return list(found.values())


def providers_near(community: str, most: int = 40) -> list[str]:
    """Who manages compounds of the street already: suggestions for whoever types a name."""
    street = community[: CODE_LENGTH[Level.SUBDISTRICT]]
    named = Entry.objects.filter(compound__community__code__startswith=street).exclude(provider_to="")
    return list(named.order_by("provider_to").values_list("provider_to", flat=True).distinct()[:most])


def steps_since(report: Report, revision: int) -> Iterable[ReportStep]:
    """The steps that were taken since a revision; each of them made the next one."""
    return report.steps.select_related("by").order_by("pk")[revision:]
