"""上报 (代报) by workbook: rows become reports, handed in by whoever posts, through the services of that room.

The ledger is not written: what the rows report is reviewed one by one like any other report.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.rows import ParsedRow, Told, told
from communities.divisions.models import Division
from communities.people.models import User
from compounds.imports.models import ImportRun
from compounds.imports.outcome import Applied, PlannedReport
from compounds.imports.places import CompoundIndex, Places, named_compound
from compounds.ledger.choices import Precision
from compounds.ledger.loading import chunks
from compounds.ledger.recording import Recorder
from compounds.ledger.refusals import Refused
from compounds.register import names
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import OPEN, ReportKind, ReportState
from compounds.reports.claims import CLAIMED, Claim, at_fields
from compounds.reports.models import Report

#: All of a workbook is handed in within one transaction.
MOST_ROWS = 500
#: Fields of a claim that a column calls otherwise.
COLUMN_OF = {"area_dm2": "area", "precision": "effective_on", "": "kind"}
#: What only one kind says; for the others these cells help to find the compound.
OF_MISSING = ("name", "address")

#: A compound by its key, or what is missing from the register by community and name.
Subject = int | tuple[str, str]


class ReportImport(Told):
    """Applies parsed rows: the reports that they ask for are collected; ``hand_in`` makes them."""

    def __init__(self, rows: list[ParsedRow], places: Places):
        if len(rows) > MOST_ROWS:
            message = _("The file reports %(rows)s times; at most %(most)s reports are accepted at once. Divide it.")
            raise SheetError(message % {"rows": f"{len(rows):,}", "most": f"{MOST_ROWS:,}"})
        self.rows, self.places = rows, places
        for row in rows:
            if row.get("community"):
                row.values["community"] = places.community(row)

    def index(self) -> CompoundIndex:
        return CompoundIndex.named_by(self.rows, self.places.scope)

    def codes(self, index: CompoundIndex) -> set[str]:
        """Nothing of the ledger is touched."""
        return set()

    def keys(self) -> set[str]:
        return set()

    def apply(
        self, recorder: Recorder, index: CompoundIndex, live_keys: set[str], *, only: set[int] | None, by: User | None
    ) -> Applied:
        """What the rows without errors would report. Adds errors to the others."""
        if by is None:
            raise PermissionDenied(_("Reports are handed in by a person."))
        done, first = Applied(), _First()
        planned = [self._plan(row, index) for row in self.rows]
        before = Before({one.community.code for one in planned if one}, by)
        for row, one in told(list(zip(self.rows, planned, strict=True)), self.step):
            if one is None:
                continue
            if row.key in before.handed_in:
                done.unchanged_rows.add(row.position)
                done.accepted_rows.add(row.position)
                continue
            self._rehearse(one, by)
            first.compare(one)
            if not row.errors:
                before.warn(one)
                _warn(one, index)
                done.reports.append(one)
                done.accepted_rows.add(row.position)
        return done

    def _plan(self, row: ParsedRow, index: CompoundIndex) -> PlannedReport | None:
        """The report that a row asks for; None where its kind or its compound is not known."""
        kind = ReportKind(row.get("kind")) if row.get("kind") else None
        if kind == ReportKind.MISSING:
            if row.get("code"):
                message = _("“%(kind)s” has no compound code yet; leave the cell blank, or report what has happened.")
                row.error("code", message % {"kind": kind.label})
            place = row.get("community")
            return PlannedReport(row, kind, _claim(row, kind), None, self._division(place)) if place else None
        compound = named_compound(
            row, index, unknown=_(
                "There is no “%(name)s” in this community; check the name, or report it as “%(missing)s”."
            ) % {"name": row.get("name"), "missing": ReportKind.MISSING.label},
        )  # fmt: skip
        if compound is None or kind is None:
            return None
        if compound.status != Status.ACTIVE:
            message = _("%(compound)s is no longer active (%(status)s); nothing is reported about it.")
            facts = {"compound": f"{compound.name} {compound.code}", "status": compound.get_status_display()}
            row.error(_subject_column(row), message % facts)
            return None
        compound.community = self._division(compound.community_id)
        return PlannedReport(row, kind, _claim(row, kind), compound, compound.community)

    def _division(self, code: str) -> Division:
        return self.places.gazetteer.by_code[code]

    @staticmethod
    def _rehearse(one: PlannedReport, by: User) -> None:
        try:
            services.rehearse(**_asked(one), by=by)
        except (Refused, PermissionDenied) as refused:
            _place(one.row, refused)

    def hand_in(self, applied: Applied, *, by: User, run: ImportRun) -> None:
        """Draft and submit the planned reports. Adds errors to rows that no longer go; call it in a transaction.

        Whoever hands in rows of the same communities waits here, so that a row becomes one report whoever sends it.
        """
        communities = sorted({one.community.code for one in applied.reports})
        for chunk in chunks(communities):
            list(Division.objects.select_for_update(no_key=True).filter(code__in=chunk).order_by("code"))
        before = Before(communities, by)
        planned, applied.reports = applied.reports, []
        for one in told(planned, self.step):
            if one.row.key in before.handed_in:
                applied.unchanged_rows.add(one.row.position)
                continue
            try:
                report = services.draft(**_asked(one), by=by, key=f"{one.row.key}:{run.pk}", run=run)
                services.submit(report=report, by=by)
            except (Refused, PermissionDenied) as refused:
                _place(one.row, refused)
            applied.reports.append(one)


class Before:
    """What was reported from communities: rows that were handed in already, by key, and what is still under way.

    A row whose report was withdrawn, or whose entry was taken back, may be sent again.
    """

    def __init__(self, communities: Iterable[str], by: User):
        self.handed_in: set[str] = set()
        self._open: dict[Subject, Report] = {}
        from_rows = Q(run__isnull=False) & ~Q(state=ReportState.WITHDRAWN) & Q(entry__reversed_by__isnull=True)
        for chunk in chunks(communities):
            keys = Report.objects.filter(from_rows, community__in=chunk).values_list("key", flat=True)
            self.handed_in |= {key.partition(":")[0] for key in keys}
            seen = Report.objects.visible_to(by).filter(state__in=OPEN, community__in=chunk)
            for report in seen.select_related("compound"):
                self._open[_subject(report.compound, report.community_id, report.name)] = report

    def warn(self, one: PlannedReport) -> None:
        """Whoever reports the same compound again is asked whether something else is meant, as on its page."""
        report = self._open.get(_subject(one.compound, one.community.code, one.claim.name))
        if report:
            message = _(
                "“%(kind)s” of this compound is under way already (%(state)s); leave the row out unless something else "
                "has happened."
            )
            facts = {"kind": report.get_kind_display(), "state": report.get_state_display()}
            one.row.warn("kind", message % facts)


class _First:
    """Rows of one file that report the same: what stands twice in every column is a slip, the rest is asked."""

    def __init__(self) -> None:
        self._rows: dict[str, ParsedRow] = {}
        self._kinds: dict[tuple[Subject, ReportKind], ParsedRow] = {}

    def compare(self, one: PlannedReport) -> None:
        row = one.row
        above = self._rows.setdefault(row.key.rpartition("-")[0], row) if row.key else row
        if above is not row:
            message = _("Row %(row)s says just the same; report it once.")
            row.error("kind", message % {"row": above.seen_from(row)})
            return
        subject = _subject(one.compound, one.community.code, one.claim.name)
        above = self._kinds.setdefault((subject, one.kind), row)
        if above is not row:
            message = _(
                "Row %(row)s reports “%(kind)s” of the same compound, too; leave only one unless both have happened."
            )
            row.warn("kind", message % {"row": above.seen_from(row), "kind": one.kind.label})


def _subject(compound: Compound | None, community: str, name: str) -> Subject:
    return compound.pk if compound else (community, names.normalise(name))


def _subject_column(row: ParsedRow) -> str:
    return "code" if row.get("code") else "name"


def _claim(row: ParsedRow, kind: ReportKind) -> Claim:
    values: dict[str, Any] = {field: row.get(COLUMN_OF.get(field, field)) for field in CLAIMED}
    values["precision"] = row.get("effective_on_precision", Precision.DAY.value)
    if kind != ReportKind.MISSING:
        values |= dict.fromkeys(OF_MISSING)
    return Claim(**{field: value for field, value in values.items() if value is not None})


def _asked(one: PlannedReport) -> dict[str, Any]:
    """What the services of reports are asked with."""
    asked = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    del asked["row"]
    return asked


def _place(row: ParsedRow, refused: Refused | PermissionDenied) -> None:
    """Every reason at the cell that it is about."""
    if isinstance(refused, PermissionDenied):
        row.error("code" if row.get("code") else "community", str(refused))
        return
    for field, message in at_fields(refused).items():
        row.error(COLUMN_OF.get(field, field), message)


def _warn(one: PlannedReport, index: CompoundIndex) -> None:
    """What may be a slip."""
    if one.kind == ReportKind.PROVIDER_CHANGE and not one.claim.provider_to:
        one.row.warn("provider_to", _("The new provider is not named."))
    if one.kind == ReportKind.MISSING and (there := index.named(one.community.code, one.claim.name)):
        message = _("The register has “%(name)s” as %(code)s; report what has happened to it under that code.")
        one.row.warn("name", message % {"name": there[0].name, "code": there[0].code})
