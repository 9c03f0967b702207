"""What of the reports waits for a person: those to check, and those that were returned to whoever wrote them."""

import datetime
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.desk.registry import Item, Pile
from chaoyang_pm.kit.labels import field_label
from communities.people.models import User
from communities.people.permissions import reach
from compounds.reports.choices import ReportState, Step
from compounds.reports.models import Report, ReportStep
from compounds.reports.review_selectors import decides, described, waiting_for


def to_check(user: User, limit: int) -> Pile | None:
    if not decides(user):
        return None
    rows = waiting_for(user)
    found = list(described(rows)[:limit])
    if not found:
        return None
    today, items = business_date(), []
    for report in found:
        due = timezone.localdate(report.waiting_since) + datetime.timedelta(days=report.allowed)
        why = [str(report.community), str(report.get_state_display())]
        why += [_("ledger has changed")] if report.is_changed else []
        items.append(
            Item(
                str(report), reverse("review:report", args=[report.pk]), " · ".join(why), report.waiting_since, due,
                due < today,
            )
        )  # fmt: skip
    number = len(found) if len(found) < limit else rows.count()
    return Pile(gettext_lazy("Reports to check"), items, number, reverse("review:queue"))


def returned(user: User, limit: int) -> Pile | None:
    """Those that the person may go on with: his own, and those of his office."""
    writes = reach(user, "reports.write")
    offices = [one.role for one in user.current_appointments]
    mine = Q(created_by=user) | (Q(reporter__in=offices) & writes.q("community"))
    rows = Report.objects.visible_to(user).filter(mine, state=ReportState.RETURNED).order_by("waiting_since", "pk")
    back = ReportStep.objects.filter(step=Step.RETURN).order_by("-pk").prefetch_related("comments")
    found = list(rows.select_related("compound").prefetch_related(Prefetch("steps", back, to_attr="returns"))[:limit])
    if not found:
        return None
    items = [
        Item(str(report), reverse("reports:detail", args=[report.pk]), _said(report), report.waiting_since)
        for report in found
    ]
    number = len(found) if len(found) < limit else rows.count()
    return Pile(gettext_lazy("Returned to you"), items, number, reverse("reports:home"))


def _said(report: Any) -> str:
    """The words of the last return, each comment at its field."""
    if not report.returns:
        return ""
    last = report.returns[0]
    names = {field.name for field in Report._meta.get_fields()}
    said = [
        f"{field_label(Report, one.field)}: {one.text}" if one.field in names and one.field != "files" else one.text
        for one in last.comments.all()
    ]
    return _("; ").join([*filter(None, [last.reason]), *said])
