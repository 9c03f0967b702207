"""Procedures and pilots over the API: as the pages have them, within the reader's scope."""

import pytest

from compounds.ledger.choices import Mode
from compounds.modes import fact_services
from compounds.modes.voting import Ballot
from compounds.pilots.services import choose
from compounds.register.models import Compound
from tests.support import HAIHE, day, later_transaction, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedures(begin, go_on, cast, settings):
    settings.BUSINESS_DATE = day("2014-08-17")
    first = go_on(begin())
    fact_services.record_vote(
        procedure=first, step=first.step, held_on=day("2014-06-30"), ballot=Ballot(100, 10, 60, 6), by=cast["county"]
    )
    fact_services.save_tender(procedure=first, values={"way": "public", "bidders": 2}, by=cast["county"])
    register("乙", community=HAIHE, m2=500)
    other = Compound.objects.get(code="乙")
    return go_on(first), begin(kind="P4.2c", mode="self_help", about=other, on="2014-08-10", by="bureau")


def ids(api, query="", **more):
    return [row["id"] for row in api(f"procedures/{query}", **more).json()["results"]]


def test_procedures_are_listed_within_the_scope_and_filtered(api, procedures):
    first, second = (one.pk for one in procedures)
    assert ids(api) == [first, second]
    assert ids(api, role="county") == ids(api, role="committee") == [first]
    assert ids(api, "?division=211303") == ids(api, "?mode=self_help") == ids(api, "?kind=P4.2c") == [second]
    assert (ids(api, "?days=46"), ids(api, "?days=47"), ids(api, "?state=finished")) == ([first], [], [])
    for query in ("kind=P9", "mode=none", "state=x", "days=-1", "division=abc", "step=1"):
        assert api(f"procedures/?{query}").status_code == 400, query
    assert api("procedures/?division=211303", role="county").status_code == 404
    page = api("procedures/?page_size=1").json()
    assert [row["id"] for row in api(page["next"]).json()["results"]] == [second]
    assert "业委会备案" in b"".join(api("procedures/?format=csv").streaming_content).decode()


def test_one_procedure_tells_its_steps_votes_and_history(api, procedures):
    told = api(f"procedures/{procedures[0].pk}/", role="county").json()
    assert (told["step"], told["days"], told["is_stuck"]) == ("业委会备案", 47, True)
    assert [step["done_on"] for step in told["steps"]][:3] == ["2014-07-01", "2014-07-01", None]
    assert [(vote["passed"], vote["owners_for"]) for vote in told["votes"]] == [(True, 6)]
    assert [record["act"] for record in told["history"]] == ["start", "done", "done"]
    assert told["tender"]["bidders"] == 2
    assert len(told["tender"]["warnings"]) == 1
    assert api(f"procedures/{procedures[1].pk}/", role="county").status_code == 404


def test_an_answer_is_another_one_when_something_was_done_and_tomorrow(api, procedures, go_on, settings):
    tag = api("procedures/")["ETag"]
    assert api("procedures/", **{"If-None-Match": tag}).status_code == 304
    later_transaction()
    go_on(procedures[0])
    newer = api("procedures/", **{"If-None-Match": tag})
    assert newer.status_code == 200
    settings.BUSINESS_DATE = day("2014-08-18")
    assert api("procedures/", **{"If-None-Match": newer["ETag"]}).status_code == 200


def test_pilots_and_who_has_none(api, procedures, cast):
    told = api("pilots/").json()
    assert (told["results"], told["communities"]) == ([], 2)
    assert [one["name"] for one in told["without"]] == ["前进社区", "海河社区"]
    choose(compound=Compound.objects.get(code="甲"), mode=Mode.OWNERS, on=day("2014-03-01"), by=cast["county"])
    told = api("pilots/", role="county").json()
    assert [(one["compound"]["code"], one["result"]) for one in told["results"]] == [("甲", "under_way")]
    assert (told["communities"], told["without"]) == (1, [])
    assert api("pilots/?result=failed").json()["results"] == []
    assert api("pilots/?result=x").status_code == 400
    assert api("pilots/", role="neighbour_county").json()["results"] == []
