"""A late entry before a split brings new parts for it: asked for on the page, checked, recorded once."""

import uuid

import pytest
from django.db.models import Sum

from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.support import JINYUAN, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def divided(client, page):
    """A: 1,000 ㎡ and 10 households, of which 400 ㎡ and 4 went to a new compound on 2015-01-01 (version 2)."""
    make_compound("A", JINYUAN, "华园小区")
    register("A", m2=1000, households=10)
    client.post("/compounds/A/record/split/", {
        "key": str(uuid.uuid4()), "effective_on": "2015-01-01", "precision": "day", "step": "confirm", "parts": "1",
        "name-0": "华园东区", "area-0-abandoned-none": "400",
    })  # fmt: skip
    return Compound.objects.get(name="华园东区").code


def late(**fields) -> dict:
    return {
        "key": str(uuid.uuid4()), "effective_on": "2014-06-01", "precision": "day", "pocket": "abandoned:none",
        "mode_to": "owners", "area_dm2": "500", "step": "preview", **fields,
    }  # fmt: skip


def share(code: str, mode: str, area: str, homes: str = "") -> dict:
    return {f"share-2-{code}-abandoned-{mode}-area": area, f"share-2-{code}-abandoned-{mode}-homes": homes}


def held(code: str) -> dict[str, tuple[int, int]]:
    sums = Posting.objects.filter(compound__code=code).order_by().values_list("mode")
    return {mode: (area, homes) for mode, area, homes in sums.annotate(Sum("area_dm2"), Sum("households")) if area}


def test_the_page_explains_and_asks_for_the_new_parts(client, divided):
    response = client.post("/compounds/A/record/takeover/", late())
    (asked,) = response.context["shares"]
    assert (asked.split.height, asked.holding.pockets) == (
        2, {("abandoned", "none"): [50_000, 5], ("abandoned", "owners"): [50_000, 5]},
    )  # fmt: skip
    assert "数据版次 2" in str(response.context["form"].non_field_errors())
    body = response.content.decode()
    assert f'name="share-2-{divided}-abandoned-owners-area"' in body
    assert 'value="400' in body
    assert LedgerHead.objects.get().height == 2


def test_with_new_parts_it_is_recorded_once(client, divided):
    sent = late(**share(divided, "none", "100", "1"), **share(divided, "owners", "300"))
    preview = client.post("/compounds/A/record/takeover/", sent)
    assert f'name="share-2-{divided}-abandoned-owners-area" value="300"' in preview.content.decode()
    for _twice in range(2):
        assert client.post("/compounds/A/record/takeover/", sent | {"step": "confirm"}).url == "/compounds/A/"
    assert Entry.objects.count() == 3
    assert held(divided) == {"none": (10_000, 1), "owners": (30_000, 3)}
    assert held("A") == {"none": (40_000, 4), "owners": (20_000, 2)}
    brought = (
        EntryPart.objects.filter(entry=3, split=2).order_by("pk").values_list("compound__code", "mode", "area_dm2")
    )
    assert list(brought) == [
        (divided, "none", 10_000), ("A", "none", 40_000), (divided, "owners", 30_000), ("A", "owners", 20_000),
    ]  # fmt: skip
    assert verify().ok


def test_parts_that_take_too_much_are_refused_at_their_field(client, divided):
    for fields, field in (
        (share(divided, "none", "500.01"), f"share-2-{divided}-abandoned-none-area"),
        (share(divided, "none", "100", "6"), f"share-2-{divided}-abandoned-none-homes"),
        (share(divided, "none", "-1"), f"share-2-{divided}-abandoned-none-area"),
    ):
        (asked,) = client.post("/compounds/A/record/takeover/", late(**fields)).context["shares"]
        assert field in asked.errors
    (asked,) = client.post("/compounds/A/record/takeover/", late(**share(divided, "none", ""))).context["shares"]
    assert asked.non_field_errors()
    assert LedgerHead.objects.get().height == 2


def test_what_happened_to_a_part_later_still_stands_in_the_way(client, divided):
    record("takeover", "2015-02-01", divided, mode_to="owners", m2=400)
    response = client.post("/compounds/A/record/takeover/", late(**share(divided, "none", "100")))
    assert "数据版次 3" in str(response.context["form"].errors)
    assert LedgerHead.objects.get().height == 3


def test_an_entry_after_the_split_needs_no_parts(client, divided):
    sent = late(effective_on="2015-06-01", **share(divided, "none", "100"))
    response = client.post("/compounds/A/record/takeover/", sent)
    assert response.context["shares"] == []
