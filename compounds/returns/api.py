"""``returns/``: the monthly returns of communities and counties, newest month first."""

from typing import Any

from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.parameters import Parameter, one_of, words
from chaoyang_pm.kit.api.views import ListEndpoint
from communities.divisions.asking import DIVISION, named
from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.returns import selectors, serializers
from compounds.returns.choices import ReturnState
from compounds.returns.models import LEVELS, Return

FLAGS = ("extended", "overdue", "late", "no_change", "on_behalf")


class Returns(ListEndpoint):
    """Monthly returns of a division and everything below it. Zero is not missing: who has nothing to report says so."""

    action = "returns.read"
    summary = "Monthly returns 月报"
    result, example = serializers.ReturnRow, serializers.EXAMPLE
    parameters = (
        DIVISION,
        Parameter(
            "month", "Month, YYYY-MM; default: all. 月份", "2015-10",
            (("type", "string"), ("pattern", r"^\d{4}-(0[1-9]|1[0-2])$")),
        ),
        Parameter("level", "Returns of communities or of counties. 报送层级", "county", words(dict(LEVELS))),
        Parameter("state", "How far they are. 状态", "submitted", words(ReturnState.values)),
    )  # fmt: skip
    columns = (
        "id", "division.code", "division.name", "level", "month", "state", "due_on", *FLAGS, "submitted_at",
        "accepted_at", "height", "document_no",
    )  # fmt: skip

    @cached_property
    def found(self):
        user, asked = self.request.user, self.asked
        rows = Return.objects.visible_to(user).select_related("division").order_by("-month", "division")
        if place := named(asked.get("division", ""), user=user, field="division"):
            rows = rows.filter(division__in=Division.objects.subtree(place.code))
        if text := asked.get("month", ""):
            rows = rows.filter(month=selectors.resolve_month(text))
        for name, accepted in (("level", list(dict(LEVELS))), ("state", ReturnState.values)):
            if value := one_of(name, asked.get(name, ""), accepted):
                rows = rows.filter(**{name: value})
        return rows

    def rows(self, after, limit):
        found = self.found
        if after is not None:
            month, code = after
            found = found.filter(month__lt=month) | found.filter(month=month, division__gt=code)
        return [_row(row) for row in found[:limit]]

    def key(self, row):
        return [f"{row['month']}-01", row["division"]["code"]]


def _row(row: Return) -> dict[str, Any]:
    return {
        "id": row.pk, "division": {"code": row.division_id, "name": row.division.name},
        "level": Level(row.level).value, "month": f"{row.month:%Y-%m}", "state": row.state,
        "due_on": row.due.isoformat(), "extended": row.extended_to is not None, "overdue": row.is_overdue,
        "late": row.is_in and row.was_late, "no_change": row.no_change, "on_behalf": row.is_on_behalf,
        "submitted_at": row.submitted_at, "accepted_at": row.accepted_at, "height": row.height,
        "document_no": row.document_no,
    }  # fmt: skip


urlpatterns = [re_path(r"^returns/?$", Returns.as_view(), name="returns")]
