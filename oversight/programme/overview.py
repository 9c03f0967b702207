"""What the page of the settings says of each thing that can be set: what is set now, and when and by whom last."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaoyang_pm.kit.dates import business_date
from communities.divisions import browsing
from communities.divisions.choices import Level
from communities.divisions.models import Succession
from communities.notices import selectors as notices
from communities.people.models import User
from compounds.approvals.models import SecondPerson
from compounds.imports.models import ColumnMapping, Synonym
from compounds.modes.models import EvidenceRule, ProcedureKind
from compounds.reports.models import ReviewDays
from compounds.returns.models import ReturnDeadline
from oversight.plans import selectors as plans
from oversight.programme import changes, selectors
from oversight.programme.models import Programme


@dataclass(frozen=True)
class Last:
    """When, and by whom (None: the command line, or the reference data)."""

    when: Any
    by: Any


@dataclass(frozen=True)
class Setting:
    """``now`` is what is set; ``last`` None where nobody has changed it yet, or where that stands in its own log."""

    label: str
    address: str
    now: str
    about: str = ""
    last: Last | None = None
    #: Whether changes of it are in the history of the settings.
    kind: str = ""


def of_programme(programme: Programme | None, latest: dict[str, LogEntry]) -> list[Setting]:
    return [
        Setting(
            _("Programme"), reverse("settings:programme"), _programme(programme),
            _("Name, start, baseline and its lock; the clauses in their own words."), _last(latest, "programme"),
            "programme",
        ),
        Setting(
            _("Targets"), reverse("programme:targets"), _targets(programme),
            _("Versions by document, deadlines, milestones, and what each county and subdistrict takes on."),
            _last(latest, "targets"), "targets",
        ),
        Setting(
            _("Counting rules"), reverse("settings:rules"),
            _(", ").join(rule.name for rule in selectors.rules_on(business_date())) or "—",
            _("Which ways of management count as managed, from which day on."), _last(latest, "rules"), "rules",
        ),
        Setting(
            _("Key evidence of takeovers"), reverse("modes:evidence"), _evidence(),
            _("From which day on a takeover needs the key evidence of its procedure, or a reason."),
            _last(latest, "evidence"), "evidence",
        ),
        Setting(
            _("Procedures of P4.2"), reverse("modes:kinds"),
            _(", ").join(ProcedureKind.objects.values_list("name", flat=True)) or "—",
            _("Steps with evidence, basis and time limit; rules of votes and tenders."), _last(latest, "procedures"),
            "procedures",
        ),
    ]  # fmt: skip


def _evidence() -> str:
    rule = EvidenceRule.objects.order_by("-valid_from").first()
    if rule is None:
        return _("Not asked for yet")
    date = {"date": rule.valid_from.isoformat()}
    return _("asked for from %(date)s on") % date if rule.is_asked else _("not asked for from %(date)s on") % date


def of_places_and_words(user: User, latest: dict[str, LogEntry]) -> list[Setting]:
    """What the reader may see of it."""
    offered: list[tuple[str, Callable[[], Setting]]] = [
        ("divisions.read", lambda: _divisions(latest)), ("divisions.read", _successions),
        ("settings.enter", lambda: _words(latest)), ("imports.read", lambda: _mappings(user)),
    ]  # fmt: skip
    return [setting() for action, setting in offered if user.may(action)]


def of_people(user: User, latest: dict[str, LogEntry]) -> list[Setting]:
    offered: list[tuple[str, Callable[[], Setting]]] = [
        ("people.read", lambda: _accounts(user)), ("approvals.read", lambda: _second_persons(user, latest)),
        ("settings.enter", lambda: _schedule(latest)),
    ]  # fmt: skip
    return [setting() for action, setting in offered if user.may(action)]


def _last(latest: dict[str, LogEntry], kind: str) -> Last | None:
    entry = latest.get(kind)
    return Last(entry.timestamp, entry.actor) if entry else None


def _programme(programme: Programme | None) -> str:
    if programme is None:
        return "—"
    baseline = getattr(programme, "baseline", None)
    facts = {
        "name": programme.name, "start": programme.starts_on.isoformat(), "date": programme.baseline_on.isoformat(),
        "height": baseline.height if baseline else "",
    }  # fmt: skip
    if baseline:
        return _("%(name)s · starts on %(start)s · baseline of %(date)s, locked at version %(height)s") % facts
    return _("%(name)s · starts on %(start)s · baseline of %(date)s, not locked yet") % facts


def _targets(programme: Programme | None) -> str:
    given = Q(parts__versions__isnull=False, parts__versions__withdrawn_at=None)
    there = {"number": Count("pk", distinct=True), "parts": Count("parts", filter=given, distinct=True)}
    number, parts = programme.targets.aggregate(**there).values() if programme else (0, 0)
    targets = ngettext("%(number)s target", "%(number)s targets", number) % {"number": number}
    return f"{targets} · " + ngettext("%(number)s part given", "%(number)s parts given", parts) % {"number": parts}


def _divisions(latest: dict[str, LogEntry]) -> Setting:
    numbers = {level: f"{number:,}" for level, number in browsing.numbers().items()}
    now = _("%(county)s counties · %(subdistrict)s subdistricts · %(community)s communities") % numbers
    about = _("The tree to browse and search; names corrected, missing divisions added.")
    return Setting(_("Divisions"), reverse("divisions:list"), now, about, _last(latest, "divisions"), "divisions")


def _successions() -> Setting:
    newest = Succession.objects.filter(undone_at=None).select_related("recorded_by").order_by("-recorded_at").first()
    return Setting(
        _("Changes of divisions"), reverse("successions:list"),
        str(newest) if newest else _("none so far"),
        _("Renamed, merged, divided, moved: compounds, offices and targets follow."),
        Last(newest.recorded_at, newest.recorded_by) if newest else None,
    )  # fmt: skip


def _words(latest: dict[str, LogEntry]) -> Setting:
    number = Synonym.objects.filter(withdrawn_at=None).count()
    now = ngettext("%(number)s word in use", "%(number)s words in use", number) % {"number": number}
    about = _("What clerks write in workbooks and what imports read in it.")
    return Setting(_("Words of imports"), reverse("words:list"), now, about, _last(latest, "words"), "words")


def _mappings(user: User) -> Setting:
    found = list(ColumnMapping.objects.visible_to(user).select_related("updated_by"))
    number = len(found)
    now = ngettext("%(number)s shape of workbook", "%(number)s shapes of workbooks", number) % {"number": number}
    last = Last(found[0].updated_at, found[0].updated_by) if found else None
    about = _("Which column of your workbooks means what.")
    return Setting(_("Remembered columns"), reverse("imports:mappings"), now, about, last)


def _accounts(user: User) -> Setting:
    number = User.objects.visible_to(user).filter(is_active=True).count()
    now = ngettext("%(number)s account may log in", "%(number)s accounts may log in", number) % {"number": number}
    about = _("Who holds which office from when to when; log-ins and rights with their logs.")
    return Setting(_("Accounts"), reverse("people:accounts"), now, about)


def _second_persons(user: User, latest: dict[str, LogEntry]) -> Setting:
    asked = [str(row) for row in SecondPerson.objects.select_related("division").order_by("division")]
    now = _("asked of %(counties)s") % {"counties": _(", ").join(asked)} if asked else _("asked of no county")
    page = "approvals:second_persons" if user.may("approvals.require") else "approvals:list"
    about = _("Where what one person of the county enters waits until a colleague has agreed.")
    return Setting(
        _("Second persons"), reverse(page), now, about, _last(latest, "second_persons"), "second_persons"
    )  # fmt: skip


def _schedule(latest: dict[str, LogEntry]) -> Setting:
    schedule = notices.schedule()
    days = ", ".join(str(day) for day in schedule.days_before) or "—"
    now = _("from %(time)s on · %(days)s days before a deadline · read notices kept for %(keep)s days") % {
        "time": f"{schedule.digest_at:%H:%M}", "days": days, "keep": schedule.keep_days,
    }  # fmt: skip
    about = _("When people are reminded and written to, and how long read notices are kept.")
    address = reverse("notices:schedule")
    return Setting(_("Schedule of notices"), address, now, about, _last(latest, "notices"), "notices")


def of_reports(user: User, programme: Programme | None, latest: dict[str, LogEntry]) -> list[Setting]:
    offered = [("reports.rules", _reviews), ("returns.rules", _returns)]
    found = [setting(_last(latest, "reports")) for action, setting in offered if user.may(action)]
    return [*found, _plans(programme, _last(latest, "plans"))] if user.may("plans.read") else found


def _plans(programme: Programme | None, last: Last | None) -> Setting:
    rows = plans.deadlines(programme) if programme else []
    told = [f"{row.division}: {row.due_on.isoformat()}" for row in sorted(rows, key=lambda row: row.division_id)]
    about = _("Until when counties submit their plans, and extensions of counties with their documents.")
    address = reverse("plan_writing:deadlines")
    return Setting(_("Deadlines of plans"), address, _("; ").join(told) or "—", about, last, "plans")


def _reviews(last: Last | None) -> Setting:
    days = ReviewDays.objects.filter(division__level=Level.CITY).order_by("-office")
    told = [
        ngettext("%(office)s: %(days)s day", "%(office)s: %(days)s days", row.days)
        % {"office": row.get_office_display(), "days": row.days}
        for row in days
    ]
    about = _("How many days each office has for a report, and whose reports need no word of the street.")
    return Setting(_("Rules of the review"), reverse("review:rules"), _("; ").join(told) or "—", about, last, "reports")


def _returns(last: Last | None) -> Setting:
    rows = ReturnDeadline.objects.filter(division__level=Level.CITY).order_by("level")
    told = [_("%(level)s: %(day)s") % {"level": row.get_level_display(), "day": row.said} for row in rows]
    about = _("Until which day communities and counties report a month, and who may extend that.")
    return Setting(
        _("Rules of reporting"), reverse("returns:rules"), _("; ").join(told) or "—", about, last, "reports"
    )  # fmt: skip


def settings(user: User) -> list[tuple[str, list[Setting]]]:
    """Everything that can be set, by heading, as far as the reader may see it."""
    latest, programme = changes.latest(), selectors.current()
    return [
        (_("Programme and figures"), of_programme(programme, latest)),
        (_("Plans, reports and returns"), of_reports(user, programme, latest)),
        (_("People and approvals"), of_people(user, latest)),
        (_("Divisions and words"), of_places_and_words(user, latest)),
    ]
