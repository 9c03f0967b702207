"""小区台账 with 200,000 compounds: any filter, any order and any page against the first page."""

import pytest
from django.test import Client

from communities.people.models import Appointment, User
from tests.bench.measure import Bench, interleave
from tests.bench.test_coverage import big, business_date  # noqa: F401 — fixtures
from tests.support import day

AT_MOST = 5
ASKED = {
    "page 2,000": "page=2000", "the last page": "page=4000", "by name, page 2,000": "sort=name&page=2000",
    "by area, descending": "sort=-total", "by rate, page 3,000": "sort=rate&page=3000",
    "by coverage": "sort=cover", "by category": "sort=categories", "by provider": "sort=provider&columns=provider",
    "by place": "sort=-place", "one county": "division=211302", "one community": "division=211302001003",
    "the whole city": "division=2113",
    "a category": "category=abandoned", "a category and a mode": "category=renovated&mode=owners",
    "partly managed": "cover=partly", "area pending": "cover=pending", "an area range": "area_from=2000&area_to=3000",
    "years": "built_from=1990&built_to=2000", "a provider": "provider=物业12", "a name": "q=小区1999",
    "unmanaged": "unmanaged=on", "to be determined": "undetermined=on", "status": "status=active",
    "everything at once": "category=abandoned&cover=partly&area_from=1000&unmanaged=on&sort=-rate&page=20",
    "an earlier date": "as_of=2016-05-15&sort=-managed",
}  # fmt: skip


@pytest.mark.bench
def test_any_filter_and_page(big, bench: Bench):  # noqa: F811 — the fixture by its name
    clients = {}
    for name, role, division in (("bench-city", "bureau", "2113"), ("bench-county", "county", "211302")):
        user, _made = User.objects.get_or_create(username=name)
        Appointment.objects.get_or_create(user=user, role=role, division_id=division, since=day("2014-01-01"))
        clients[role] = Client()
        clients[role].force_login(user)

    def opened(query: str, role: str = "bureau"):
        def ask():
            answer = clients[role].get(f"/compounds/?{query}")
            assert answer.status_code == 200, query

        return ask

    first = interleave({"first": opened("")}, runs=5)["first"]
    bench.judge("the first page of the register", first, at_most=None, unit="s", runs=5)
    for name, query in ASKED.items():
        took = interleave({name: opened(query), "first": opened("")}, runs=3)
        bench.judge(
            f"the register, {name}, against the first page", took[name] / took["first"], at_most=AT_MOST, medians=took,
            runs=3,
        )  # fmt: skip
    own = interleave({"county": opened("", "county"), "far": opened("sort=-total&page=30", "county")}, runs=3)
    bench.judge("the register of a county, far and by area", own["far"] / own["county"], at_most=AT_MOST, medians=own,
                runs=3)  # fmt: skip
