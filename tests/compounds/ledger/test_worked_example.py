"""The worked example of the ledger's definition, figure by figure."""

from decimal import Decimal

import pytest
from django.db import transaction

from chaoyang_pm.kit.figures import m2
from compounds.ledger.models import Entry, LedgerHead
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.choices import Status
from compounds.register.models import Compound
from oversight.coverage import presenters, selectors
from oversight.coverage.movements import restatement
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from oversight.programme.services import load_reference
from tests.support import HAIHE, ask, ask_json, day, dm2, post_example, post_example_one_by_one, record, undone

# division, as of, height, managed, unmanaged, total, rate, compounds, households
FIGURES = [
    ("2113", "2014-12-31", 10, "175,000.50", "150,000.00", "325,000.50", "0.538462", (3, 0, 3), (1750, 3250)),
    ("211302", "2014-12-31", 10, "175,000.50", "30,000.00", "205,000.50", "0.853659", (3, 0, 1), (1750, 2050)),
    ("211303", "2014-12-31", 10, "0.00", "80,000.00", "80,000.00", "0", (0, 0, 1), (0, 800)),
    ("2113", "2014-12-31", 16, "145,000.00", "180,000.50", "325,000.50", "0.446153", (2, 1, 3), (1450, 3250)),
    ("211302", "2014-12-31", 16, "125,000.00", "80,000.50", "205,000.50", "0.609755", (2, 0, 2), (1250, 2050)),
    ("211303", "2014-12-31", 16, "20,000.00", "60,000.00", "80,000.00", "0.25", (0, 1, 0), (200, 800)),
    ("2113", "2015-12-31", 16, "146,000.00", "180,000.50", "326,000.50", "0.447852", (2, 1, 3), (1450, 3250)),
    ("211302", "2015-12-31", 16, "146,000.00", "140,000.50", "286,000.50", "0.510489", (2, 1, 2), (1450, 2850)),
    ("211303", "2015-12-31", 16, "0", "0", "0", None, (0, 0, 0), (0, 0)),
    ("211303", "2015-05-31", 17, "30,000.00", "50,000.00", "80,000.00", "0.375", (0, 1, 0), (300, 800)),
    ("211302", "2015-12-31", 17, "156,000.00", "130,000.50", "286,000.50", "0.545454", (2, 1, 2), (1550, 2850)),
    ("211302", "2015-12-31", 18, "146,000.00", "140,000.50", "286,000.50", "0.510489", (2, 1, 2), (1450, 2850)),
    ("211302", "2015-12-31", 19, "146,000.00", "140,000.50", "286,000.50", "0.510489", (1, 2, 1), (1450, 2850)),
    ("211302", "2015-08-31", 20, "176,000.00", "110,000.50", "286,000.50", "0.615384", (3, 1, 1), (1750, 2850)),
    ("2113", "2015-12-31", 20, "176,000.00", "150,000.50", "326,000.50", "0.539876", (2, 1, 2), (1750, 3250)),
]
# target, as of, height, completed
COMPLETED = [
    ("T1", "2014-12-31", 10, "150,000.50"),
    ("T1", "2014-12-31", 16, "100,000.00"),
    ("T2", "2014-12-31", 11, "170,000.50"),
    ("T2", "2015-12-31", 16, "121,000.00"),
    ("T2", "2015-12-31", 17, "131,000.00"),
    ("T2", "2015-12-31", 20, "121,000.00"),
]
# The 变动 table: kind, date and what is stored, 0.01 ㎡ and households fixed when recorded.
STORED = {
    6: ("takeover", "2014-05-10", "60,000.00", 600),
    7: ("takeover", "2014-08-01", "50,000.50", 500),
    8: ("takeover", "2014-09-15", "40,000.00", 400),
    10: ("lapse", "2014-12-20", "30,000.00", 300),
    11: ("takeover", "2014-12-15", "20,000.00", 200),
    12: ("mode_change", "2015-03-01", "40,000.00", 400),
    13: ("resurvey", "2015-04-01", "1,000.00", 0),
    15: ("relocate", "2015-06-01", None, None),
    16: ("reclassify", "2015-07-01", "15,000.00", 150),
    17: ("takeover", "2015-05-20", "10,000.00", 100),
    19: ("merge", "2015-09-01", None, None),
    20: ("takeover", "2015-08-15", "30,000.00", 300),
}


@pytest.fixture(scope="module")
def kept_example(django_db_setup, django_db_blocker):
    """The whole example, put together once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        post_example_one_by_one()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def example(kept_example, django_db_blocker, settings):
    """The example at height 20; what a test writes is taken back."""
    settings.BUSINESS_DATE = day("2015-12-31")
    with django_db_blocker.unblock(), undone():
        yield


@pytest.mark.parametrize(
    ("division", "as_of", "height", "managed", "unmanaged", "total", "rate", "counts", "households"), FIGURES
)
def test_every_figure_of_the_table(
    example, division, as_of, height, managed, unmanaged, total, rate, counts, households
):
    question = resolve(division=division, as_of=as_of, height=height)
    data = presenters.coverage(question, selectors.coverage(question))
    areas = [data["area_m2"][name] for name in ("managed", "unmanaged", "total")]
    assert [dm2(area) for area in areas] == [dm2(managed), dm2(unmanaged), dm2(total)]
    assert rounded(data["rate"]) == rate
    assert tuple(data["compounds"][name] for name in ("managed", "partial", "unmanaged")) == counts
    assert (data["households"]["managed"], data["households"]["total"]) == households


def rounded(rate: float | None) -> str | None:
    """Six decimals, as the definition prints a rate; zeros at the end left out."""
    return rate if rate is None else f"{Decimal(str(rate)):.6f}".rstrip("0").rstrip(".")


@pytest.mark.parametrize(("code", "as_of", "height", "completed"), COMPLETED)
def test_completed_of_t1_and_t2(example, code, as_of, height, completed):
    found = {figures.target.code: figures for figures in board(resolve(as_of=as_of, height=height))}
    assert found[code].completed == dm2(completed)


@pytest.mark.parametrize("height", sorted(STORED))
def test_what_was_left_blank_is_fixed_when_recorded(example, height):
    entry = Entry.objects.get(height=height)
    area = None if entry.area_dm2 is None else dm2(m2(entry.area_dm2))
    kind, on, m2_stored, households = STORED[height]
    assert (entry.kind, entry.effective_on.isoformat(), area, entry.households) == (
        kind,
        on,
        dm2(m2_stored),
        households,
    )


def test_reversals_name_what_they_reverse(example):
    reversals = Entry.objects.filter(kind="reversal").values_list("height", "reverses_id")
    assert list(reversals.order_by("height")) == [(14, 7), (18, 17)]


def test_the_ledger_verifies(example):
    report = verify()
    assert report.ok, report.findings
    assert report.height == 20


def test_the_merged_compound_points_on_and_the_relocated_one_lies_in_its_new_community(example):
    merged, moved = Compound.objects.get(code="D"), Compound.objects.get(code="C")
    assert (merged.status, merged.merged_into.code) == (Status.MERGED, "A")
    assert moved.community_id == "211302003001"


def test_the_two_answers_for_new_years_eve_are_explained_compound_by_compound(example):
    lines = restatement(resolve(as_of="2014-12-31", height=16), 10)
    assert {line.compound.code: (line.change.managed, [entry.height for entry in line.entries]) for line in lines} == {
        "B": (dm2("-50,000.50"), [14]),
        "C": (dm2("20,000.00"), [11]),
    }
    assert sum(line.change.managed for line in lines) == dm2("145,000.00") - dm2("175,000.50")


@pytest.mark.django_db
@pytest.mark.parametrize("known", range(5, 21))
def test_an_early_takeover_of_half_of_a_is_refused_once_height_6_stands(known, reference):
    post_example(upto=known)
    if known == 5:
        assert record("takeover", "2014-02-01", "A", m2="50,000", mode_to="professional").height == 6
        return
    with pytest.raises(Refused) as refused:
        record("takeover", "2014-02-01", "A", m2="50,000", mode_to="professional")
    assert refused.value.in_the_way.height == 6
    assert refused.value.in_the_way.effective_on == day("2014-05-10")
    assert refused.value.shortfall_dm2 == dm2("10,000.00")
    for said in ("6", "2014-05-10", "10,000.00"):
        assert said in str(refused.value)
    assert LedgerHead.objects.get().height == Entry.objects.count() == known


# --- by command line -----------------------------------------------------------------------------------
@pytest.mark.parametrize("row", FIGURES[::2], ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_coverage_command_says_the_same(example, row):
    division, as_of, height, managed, unmanaged, total, rate, counts, households = row
    data = ask_json("coverage", "--division", division, "--as-of", as_of, "--height", str(height))
    assert (data["division"]["code"], data["as_of"], data["rule"]) == (division, as_of, "standard")
    assert data["ledger"]["height"] == height
    assert data["ledger"]["hash"] == Entry.objects.get(height=height).hash
    assert data["ledger"]["recorded_at"].endswith("Z")
    assert [dm2(data["area_m2"][name]) for name in ("managed", "unmanaged", "total")] == [
        dm2(managed), dm2(unmanaged), dm2(total),
    ]  # fmt: skip
    assert rounded(data["rate"]) == rate
    assert data["compounds"] == {
        "managed": counts[0], "partial": counts[1], "unmanaged": counts[2], "area_pending": 0,
        "rate": counts[0] / sum(counts) if sum(counts) else None,
    }  # fmt: skip
    assert data["households"] == {
        "managed": households[0], "total": households[1],
        "rate": households[0] / households[1] if households[1] else None,
    }  # fmt: skip


def test_coverage_command_shows_categories_modes_and_cells(example):
    data = ask_json("coverage", "--division", "2113", "--as-of", "2015-12-31", "--height", "20")
    area_m2 = data["area_m2"]
    assert area_m2["by_category"] == {
        "abandoned": 126000, "renovated": 65000.5, "unserved": 80000, "undetermined": 0, "established": 30000,
        "new_build": 25000,
    }  # fmt: skip
    assert area_m2["by_mode"] == {
        "none": 150000.5, "professional": 176000, "manager": 0, "owners": 0, "self_help": 0, "community": 0,
    }  # fmt: skip
    assert data["professional_rate"] == 176000 / 326000.5
    cells = {(cell["category"], cell["mode"]): (cell["area_m2"], cell["households"]) for cell in area_m2["cells"]}
    assert cells == {
        ("abandoned", "professional"): (101000, 1000), ("abandoned", "none"): (25000, 250),
        ("renovated", "none"): (65000.5, 650), ("unserved", "none"): (60000, 600),
        ("unserved", "professional"): (20000, 200), ("established", "professional"): (30000, 300),
        ("new_build", "professional"): (25000, 250),
    }  # fmt: skip


@pytest.mark.parametrize(("code", "as_of", "height", "completed"), COMPLETED)
def test_targets_command_says_the_same(example, code, as_of, height, completed):
    data = ask_json("targets", "--as-of", as_of, "--height", str(height))
    assert dm2({row["code"]: row for row in data}[code]["completed_m2"]) == dm2(completed)


def test_movements_command_opens_moves_and_closes(example):
    data = ask_json("movements", "--division", "211302", "--from", "2014-12-31", "--to", "2015-12-31", "--height", "16")
    assert data["opening"] == {"managed_m2": 125000, "total_m2": 205000.5, "households": 2050}
    assert data["closing"] == {"managed_m2": 146000, "total_m2": 286000.5, "households": 2850}
    moved = {row.pop("kind"): row for row in data["by_kind"]}
    assert moved["relocate"] == {"managed_m2": 20000, "total_m2": 80000, "households": 800}
    assert moved["resurvey"] == {"managed_m2": 1000, "total_m2": 1000, "households": 0}
    nothing = {"managed_m2": 0, "total_m2": 0, "households": 0}
    assert all(row == nothing for kind, row in moved.items() if kind not in ("relocate", "resurvey"))


def test_ledger_commands_verify_show_and_reverse(example):
    head = LedgerHead.objects.get()
    assert ask_json("ledger", "verify") == {"ok": True, "height": 20, "hash": head.hash, "findings": []}
    shown = ask_json("ledger", "show", "C")
    assert shown["compound"] == {"code": "C", "name": "示例小区C", "community": "211302003001"}
    assert [entry["height"] for entry in shown["entries"]] == [3, 11, 17, 18, 15]
    assert {entry["height"]: entry["reversed_by"] for entry in shown["entries"]}[17] == 18
    assert ask_json("ledger", "reverse", "20", "--reason", "重复") == {"height": 21, "reversed": 20}
    data = ask_json("coverage", "--division", "2113", "--as-of", "2015-12-31")
    assert (data["ledger"]["height"], data["area_m2"]["managed"]) == (21, 146000)


def test_reverse_command_refuses_to_pull_the_ground_from_under_others(example):
    answer = ask("ledger", "reverse", "3", "--reason", "试", "--format", "json")
    assert answer.code == 1
    assert "11" in answer.err
    assert [set(error) for error in answer.json["errors"]] == [{"field", "value", "message"}]
    assert answer.json["errors"][0]["value"] == 3
    assert LedgerHead.objects.get().height == 20


def test_reverse_command_refuses_a_reversal_a_second_reversal_and_an_unknown_height(example):
    for height in ("14", "7", "21", "0", "-1", "x", "1" * 30):
        answer = ask("ledger", "reverse", "--reason=试", "--format=json", "--", height)
        assert answer.code == 1, height
        assert height in answer.err
        assert answer.json["errors"]
    assert LedgerHead.objects.get().height == 20


def test_coverage_by_county_adds_up_to_the_city(example):
    data = ask_json("coverage", "--division", "2113", "--as-of", "2014-12-31", "--height", "16", "--by", "county")
    assert [group["key"] for group in data["groups"]] == [
        "211302", "211303", "211321", "211322", "211324", "211381", "211382",
    ]  # fmt: skip
    assert sum(dm2(group["area_m2"]["total"]) for group in data["groups"]) == dm2("325,000.50")
    assert sum(group["households"]["managed"] for group in data["groups"]) == 1450
    assert sum(group["compounds"]["partial"] for group in data["groups"]) == 1
    one = {group["key"]: group for group in data["groups"]}["211303"]
    assert (one["name"], one["rate"], one["area_m2"]["managed"]) == ("龙城区", 0.25, 20000)
    assert HAIHE.startswith(one["key"])
