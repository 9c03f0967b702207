"""抽查: a share of what was approved in a period, drawn so that anybody can draw the same again."""

import datetime
import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import start_of
from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.sheets.writing import Cell, Field, Shape
from communities.people.models import User
from compounds.reports.choices import ReportState
from compounds.reports.models import Report

SHARE_PERCENT = 5
#: Digits of a seed that nobody has given.
SEED_DIGITS = 8


@dataclass(frozen=True)
class Sample:
    """``approved``: how many there were to draw from. ``reports``: those drawn, in the order in which they were."""

    since: datetime.date
    until: datetime.date
    seed: str
    approved: int
    reports: list[Report]


def place_of(seed: str, report: object) -> str:
    """Where a report stands in the order of a seed."""
    return hashlib.sha256(f"{seed}:{report}".encode()).hexdigest()


def draw(user: User, *, since: datetime.date, until: datetime.date, seed: str) -> Sample:
    """Five in a hundred, rounded up, of the reports that were approved from ``since`` to ``until``, by a seed.

    The order is that of a hash of seed and report, so that the same seed draws the same reports on any day and
    database; what is approved later in a period that is not over only adds to what there is to draw from.
    """
    first, after = start_of(since), start_of(until + datetime.timedelta(days=1))
    approved = Report.objects.visible_to(user).filter(
        state=ReportState.APPROVED, closed_at__gte=first, closed_at__lt=after
    )  # fmt: skip
    keys = list(approved.order_by().values_list("pk", flat=True))
    drawn = sorted(keys, key=lambda key: place_of(seed, key))[: math.ceil(len(keys) * SHARE_PERCENT / 100)]
    related = ("community__parent__parent", "compound", "created_by", "entry__recorded_by")
    found = {row.pk: row for row in Report.objects.filter(pk__in=drawn).select_related(*related)}
    return Sample(since, until, seed, len(keys), [found[key] for key in drawn])


def fields() -> list[Field]:
    return [
        Field(_("No."), Shape.NUMBER, 6), Field(_("County")), Field(_("Subdistrict"), width=16),
        Field(_("Community"), width=16), Field(_("Compound"), width=22), Field(_("What happened"), width=14),
        Field(_("Effective on"), Shape.DATE), Field(_("Area (㎡)"), Shape.AREA, 14),
        Field(_("Households"), Shape.NUMBER), Field(_("Basis of the date"), width=20),
        Field(_("Written by"), width=14), Field(_("Approved by"), width=14), Field(_("Approved on"), Shape.DATE),
        Field(_("Version"), Shape.NUMBER), Field(_("Report"), width=38),
    ]  # fmt: skip


def rows(sample: Sample) -> Iterable[list[Cell]]:
    for number, report in enumerate(sample.reports, start=1):
        place, entry = report.community, report.entry
        street, approved = place.parent, report.closed_at
        yield [
            number, str(street.parent) if street else "", str(street or ""), str(place), report.subject_name,
            str(report.get_kind_display()), report.effective_on, m2(entry.area_dm2 if entry else report.area_dm2),
            entry.households if entry else report.households, report.date_basis, str(report.created_by),
            str(entry.recorded_by) if entry else "", timezone.localdate(approved) if approved else None,
            entry.height if entry else None, str(report.pk),
        ]  # fmt: skip
