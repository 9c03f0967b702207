"""The change feed: whoever follows it has everything that belongs to the scope, once, in order, without gaps."""

import threading

import pytest
from django.db import connection

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from compounds.ledger import feed
from compounds.ledger.models import Entry, LedgerHead, Posting
from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, post_example, record, register, reverse

pytestmark = pytest.mark.django_db


def follow(api, query: str = "", after: int = 0, **more) -> tuple[list[dict], int]:
    """All entries after a height, by ``next``, and the height to go on from."""
    found, following, height = [], f"ledger/entries/?after={after}&{query}", after
    while following:
        answer = api(following, **more).json()
        found += answer["results"]
        following, height = answer["next"], answer["height"]
    return found, height


def heights(found: list[dict]) -> list[int]:
    return [entry["height"] for entry in found]


def test_the_whole_has_every_height(example, api):
    found, height = follow(api, "page_size=3")
    assert heights(found) == list(range(1, 21))
    assert height == 20
    assert follow(api, after=20) == ([], 20)
    assert heights(follow(api, "height=12", after=7)[0]) == [8, 9, 10, 11, 12]


def test_sums_of_postings_are_the_balances(example, api):
    found, _height = follow(api, "page_size=7")
    held: dict[str, float] = {}
    for entry in found:
        for posting in entry["postings"]:
            held[posting["community"]] = held.get(posting["community"], 0) + posting["area_m2"]
    assert {code: area for code, area in held.items() if area} == {
        JINYUAN: 131000, QIANJIN: 155000.5, "211321001001": 40000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "right"),
    [
        ("county", [1, 2, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19, 20]),
        ("neighbour_county", [3, 11, 15, 17, 18]),
        ("committee", [2, 7, 9, 14, 15, 17, 18]), ("neighbour_committee", [3, 11, 15, 17, 18]),
    ],
)  # fmt: skip
def test_a_scope_gets_what_moved_something_there(example, api, role, right):
    found, height = follow(api, "page_size=2", role=role)
    assert heights(found) == right
    assert height == 20
    division = {"county": "211302", "neighbour_county": "211303", "committee": QIANJIN, "neighbour_committee": HAIHE}[
        role
    ]
    assert heights(follow(api, f"division={division}&page_size=5")[0]) == right
    for entry in found:
        assert all(posting["community"].startswith(division) for posting in entry["postings"])


def test_what_moves_nothing_is_told_where_the_compound_lay_then(cast, api):
    register("P", community=QIANJIN, category="established", mode="professional")
    here = record("provider_change", "2014-02-01", "P", details={"provider_to": "甲"})
    record("relocate", "2014-03-01", "P", community=HAIHE)
    there = record("provider_change", "2014-04-01", "P", details={"provider_to": "乙"})
    late = record("provider_change", "2014-02-10", "P", details={"provider_to": "丙"})
    undone = reverse(there.height)
    mine, neighbours = (heights(follow(api, role=role)[0]) for role in ("county", "neighbour_county"))
    assert mine == [1, here.height, 3, late.height]
    assert neighbours == [3, there.height, undone.height]


def test_no_step_brings_anything_below_a_height_that_was_given_out(cast):
    """Followed after every single entry, a feed holds what it holds when asked for at the end."""
    scopes = [EVERYWHERE, Scope.of(["211302"]), Scope.of(["211303"]), Scope.of([QIANJIN]), Scope.of([HAIHE, JINYUAN])]
    followed: dict[int, list[int]] = {number: [] for number in range(len(scopes))}
    post_example(0, 1)
    for step in range(1, 20):
        newest = LedgerHead.objects.get().height
        for number, scope in enumerate(scopes):
            after = newest - 1
            followed[number] += [row["height"] for row in feed.after(after, upto=newest, limit=10, scope=scope)]
        post_example(step, step + 1)
    for number, scope in enumerate(scopes):
        whole = [row["height"] for row in feed.after(0, upto=19, limit=100, scope=scope)]
        assert followed[number] == whole
        own = set(Posting.objects.filter(scope.q("community"), entry__lte=19).values_list("entry", flat=True))
        assert set(whole) >= own


def test_one_entry(example, api):
    entry = api("ledger/entries/19/").json()
    assert (entry["kind"], entry["compound"]["code"], entry["target"]["code"]) == ("merge", "D", "A")
    assert api("ledger/entries/19/", role="neighbour_county").status_code == 404
    assert api("ledger/entries/99/").status_code == 404
    assert api("ledger/entries/0/").status_code == 404
    assert api("ledger/entries/9999999999999999999/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
def test_whoever_polls_while_others_write_misses_nothing(cast):
    """Heights are given out under a lock that lasts until the commit: none appears below one that was seen."""
    for number in range(4):
        make_compound(f"W{number}", QIANJIN)
    done = threading.Event()

    def write(number: int):
        try:
            for month in range(1, 7):
                register(f"W{number}", f"2014-{month:02}-01", community=QIANJIN, m2=10)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    cursor = 0
    while not done.is_set():
        if not any(writer.is_alive() for writer in writers):
            done.set()
        newest = LedgerHead.objects.get().height
        rows = feed.after(cursor, upto=newest, limit=1000, scope=Scope.of(["211302"]))
        seen += [row["height"] for row in rows]
        cursor = newest
    assert seen == list(range(1, 25)) == list(Entry.objects.order_by("height").values_list("height", flat=True))
