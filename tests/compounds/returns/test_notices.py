"""Who is told of monthly returns, and who is reminded of their day."""

import pytest

from communities.notices.deadlines import between
from communities.notices.models import Notice
from compounds.returns import services
from tests.compounds.returns.conftest import sealed
from tests.support import QIANJIN, day

pytestmark = pytest.mark.django_db


def told() -> set[tuple[str, str, bool]]:
    rows = Notice.objects.filter(kind__startswith="returns.").select_related("user")
    return {(row.kind, row.user.username, row.read_at is None) for row in rows}


def test_the_city_is_told_of_a_sealed_return_and_the_county_what_became_of_it(cast, asked):
    row = sealed(asked["211302"], cast["county"])
    assert told() == {("returns.waiting", "bureau", True)}
    services.send_back(row=row, reason="请补充", by=cast["bureau"])
    assert told() == {("returns.waiting", "bureau", False), ("returns.returned", "county", True)}
    services.accept(row=sealed(row, cast["county"]), by=cast["bureau"])
    assert ("returns.accepted", "county", True) in told()


def test_who_has_not_reported_is_reminded_of_the_day(cast, asked):
    def due() -> set[tuple[str, str]]:
        """(day, person) of everybody who is reminded of a return."""
        found = [one for one in between(day("2015-10-24"), day("2015-10-28")) if one.key.startswith("return:")]
        return {(str(one.due_on), user.username) for one in found for user in one.people().values()}

    assert due() == {("2015-10-25", "committee"), ("2015-10-25", "neighbour_committee")}
    services.extend(row=asked[QIANJIN], until=day("2015-10-28"), reason="停电", by=cast["county"])
    assert due() == {("2015-10-28", "committee"), ("2015-10-25", "neighbour_committee")}
    services.submit(row=asked[QIANJIN], by=cast["committee"])
    assert due() == {("2015-10-25", "neighbour_committee")}
