"""Relocations, merges and splits on pages: form, preview, refusal at its field, posting once, 更正."""

import uuid
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.ledger.models import Entry, LedgerHead
from compounds.register.models import Compound
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def four():
    """Three compounds of one community, the first partly managed, and one of another."""
    for code, name, community in (
        ("A", "华园小区", JINYUAN), ("B", "华园", JINYUAN), ("C", "前程家园", JINYUAN), ("D", "海河新村", HAIHE),
    ):  # fmt: skip
        make_compound(code, community, name)
        Compound.objects.filter(code=code).update(name_stem=name.removesuffix("小区"))
        register(code, community=community, m2=1000, households=10)
    record("takeover", "2014-05-10", "A", m2=600, mode_to="professional")


def form(**fields) -> dict:
    return {"key": str(uuid.uuid4()), "effective_on": "2015-01-01", "precision": "day", "step": "preview", **fields}


def merging(**fields) -> dict:
    return form(**{"stays": "A", "others": ["B", "C"], "keep_names": "on", **fields})


def splitting(**fields) -> dict:
    return form(**{
        "parts": "1", "name-0": "华园东区", "area-0-abandoned-none": "100", "homes-0-abandoned-none": "1",
        "area-0-abandoned-professional": "300", **fields,
    })  # fmt: skip


def height() -> int:
    return LedgerHead.objects.get().height


def sides(preview, moment=0) -> dict:
    comparison = preview.moments[moment].comparison
    return {
        when: {side.compound.name: side.total.area_dm2 for side in getattr(comparison, when)}
        for when in ("before", "after")
    }


# --- all three -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["relocate", "merge", "split"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_form_opens_from_the_compounds_menu(client, page, four, kind, language):
    client.cookies["django_language"] = language
    path = f"/compounds/A/record/{kind}/"
    assert f'href="{path}"' in page("/compounds/A/").content.decode()
    body = page(path).content.decode()
    assert "style=" not in body
    assert page(f"/compounds/nothing/record/{kind}/").status_code == 404


@pytest.mark.parametrize("kind", ["relocate", "merge", "split"])
def test_a_compound_without_area_is_not_offered_any_of_them(page, four, kind):
    make_compound("N", JINYUAN, "新来的")
    assert f"/compounds/N/record/{kind}/" not in page("/compounds/N/").content.decode()
    assert page(f"/compounds/N/record/{kind}/").status_code == 200


# --- relocate ------------------------------------------------------------------------------------------
def test_a_relocation_shows_what_moves_between_communities_and_counties(client, page, four):
    preview = client.post("/compounds/A/record/relocate/", form(community=HAIHE)).context["preview"]
    moved = {change.division.code: (change.before, change.after) for change in preview.moments[0].divisions}
    assert list(moved) == ["211302", "211303", JINYUAN, HAIHE]
    assert moved[JINYUAN] == ((60_000, 300_000), (0, 200_000))
    assert moved["211303"] == ((0, 100_000), (60_000, 200_000))
    assert moved[HAIHE][1].rate == 0.3
    assert height() == 5


def test_within_one_county_the_county_stays_as_it_is(client, page, four):
    preview = client.post("/compounds/A/record/relocate/", form(community=QIANJIN)).context["preview"]
    county = preview.moments[0].divisions[0]
    assert (county.division.code, county.before) == ("211302", county.after)


def test_a_relocation_is_recorded_once(client, page, four):
    sent = form(community=HAIHE, step="confirm", basis_no="朝政发〔2015〕1号")
    assert client.post("/compounds/A/record/relocate/", sent).url == "/compounds/A/"
    assert "没有重复记录" in client.post("/compounds/A/record/relocate/", sent, follow=True).content.decode()
    entry = Entry.objects.get(height=6)
    assert (entry.kind, entry.community_id, entry.basis_no) == ("relocate", HAIHE, "朝政发〔2015〕1号")
    assert height() == 6


REFUSED_RELOCATIONS = [
    ({"community": JINYUAN}, "community"), ({"community": ""}, "community"), ({"community": "211302"}, "community"),
    ({"community": HAIHE, "effective_on": "2013-01-01"}, "effective_on"),
    ({"community": HAIHE, "effective_on": "2099-01-01"}, "effective_on"),
]  # fmt: skip


def test_a_refused_relocation_says_so_at_its_field(client, page, four):
    for (fields, field), step in product(REFUSED_RELOCATIONS, ["preview", "confirm"]):
        response = client.post("/compounds/A/record/relocate/", form(**fields, step=step))
        assert response.status_code == 200
        assert field in response.context["form"].errors, (fields, step)
    assert height() == 5
    assert Compound.objects.count() == 4


# --- merge ---------------------------------------------------------------------------------------------
def test_candidates_are_of_the_community_and_the_likely_ones_come_first(page, four):
    listed = page("/compounds/A/record/merge/").context["form"].offer.listed
    assert [(one.code, one.is_asked, one.is_alike) for one in listed] == [
        ("A", True, False), ("B", False, True), ("C", False, False),
    ]  # fmt: skip


def test_candidates_are_those_of_the_date(client, page, four):
    record("relocate", "2014-06-01", "D", community=JINYUAN)
    early = client.post("/compounds/A/record/merge/", form(step="search", stays="A", effective_on="2014-05-20"))
    assert [one.code for one in early.context["form"].offer.listed] == ["A", "B", "C"]
    later = client.post("/compounds/A/record/merge/", form(step="search", stays="A"))
    assert [one.code for one in later.context["form"].offer.listed] == ["A", "B", "C", "D"]


def test_a_search_leaves_what_was_chosen(client, page, four):
    searched = client.post("/compounds/A/record/merge/", merging(step="search", others=["B"], q="前程"))
    assert [one.code for one in searched.context["form"].offer.listed] == ["A", "B", "C"]
    body = client.post(
        "/compounds/A/record/merge/", merging(step="search", others=["B"], q="无"), headers={"hx-request": "true"}
    ).content.decode()
    assert body.lstrip().startswith('<div id="candidates"')
    assert 'value="B"' in body
    assert 'value="C"' not in body


def test_the_finder_leads_here_with_the_others_ticked(page, four):
    assert page("/compounds/A/record/merge/?with=B&with=C").context["form"].chosen == ("A", ["B", "C"])


def test_a_merge_is_shown_side_by_side_with_equal_totals(client, page, four):
    response = client.post("/compounds/A/record/merge/", merging())
    assert sides(response.context["preview"]) == {
        "before": {"华园小区": 100_000, "华园": 100_000, "前程家园": 100_000},
        "after": {"华园小区": 300_000, "华园": 0, "前程家园": 0},
    }
    assert response.context["preview"].is_equal
    assert "合计相等" in response.content.decode()
    assert height() == 5


def test_a_merge_is_recorded_once_and_stays_readable(client, page, four):
    sent = merging(step="confirm")
    assert client.post("/compounds/A/record/merge/", sent).url == "/compounds/A/"
    assert "没有重复记录" in client.post("/compounds/A/record/merge/", sent, follow=True).content.decode()
    assert list(Entry.objects.filter(kind="merge").values_list("compound__code", "target__code")) == [
        ("B", "A"), ("C", "A"),
    ]  # fmt: skip
    body = page("/compounds/A/").content.decode()
    assert "曾用名" in body
    assert 'href="/compounds/B/"' in body
    assert Compound.objects.get(code="A").former_names == "华园、前程家园"
    assert "新增登记" in page("/compounds/B/").content.decode()


def test_another_one_may_stay(client, page, four):
    response = client.post("/compounds/A/record/merge/", merging(stays="B", others=["A", "B"], step="confirm"))
    assert response.url == "/compounds/B/"
    assert Compound.objects.get(code="A").merged_into.code == "B"


REFUSED_MERGES = [
    ({"others": []}, "others"), ({"others": ["A"]}, "others"), ({"stays": ""}, "stays"), ({"stays": "Z"}, "stays"),
    ({"others": ["Z"]}, "others"), ({"stays": "B", "others": ["C"]}, "others"), ({"others": ["D"]}, "others"),
    ({"effective_on": "2013-01-01"}, "effective_on"), ({"effective_on": "x"}, "effective_on"),
]  # fmt: skip


def test_a_refused_merge_says_so_at_its_field(client, page, four):
    for (fields, field), step in product(REFUSED_MERGES, ["preview", "confirm"]):
        response = client.post("/compounds/A/record/merge/", merging(**fields, step=step))
        assert response.status_code == 200
        assert field in response.context["form"].errors, (fields, step)
    assert height() == 5
    assert Compound.objects.count() == 4


def test_queries_of_a_merge_do_not_grow_with_what_is_merged(client, page, four):
    def asked(others) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.post("/compounds/A/record/merge/", merging(others=others)).context["preview"]
        return len(captured)

    few = asked(["B"])
    for number in range(8):
        make_compound(f"E{number}", JINYUAN, f"东风{number}号院")
        register(f"E{number}")
    assert asked(["B", "C", *(f"E{number}" for number in range(8))]) <= few
    assert few <= 45


# --- split ---------------------------------------------------------------------------------------------
def test_what_stays_is_worked_out_on_the_server(client, page, four):
    response = client.post("/compounds/A/record/split/", splitting(step="count"), headers={"hx-request": "true"})
    rests = response.context["form"].rests()
    assert [(rest.held, rest.taken, rest.stays) for rest in rests] == [
        ((40_000, 4), (10_000, 1), (30_000, 3)), ((60_000, 6), (30_000, 3), (30_000, 3)),
    ]  # fmt: skip
    assert response.content.decode().lstrip().startswith('<div id="split-parts"')
    assert response.context["form"].errors == {}


def test_parts_are_added_and_removed_without_losing_what_was_typed(client, page, four):
    more = client.post("/compounds/A/record/split/", splitting(step="add")).context["form"]
    assert (more.count, more["name-0"].value(), more["name-1"].value()) == (2, "华园东区", None)
    two = splitting(**{"parts": "2", "name-1": "华园西区", "area-1-abandoned-none": "50"})
    fewer = client.post("/compounds/A/record/split/", two | {"step": "remove-0"}).context["form"]
    assert (fewer.count, fewer["name-0"].value(), fewer["area-0-abandoned-none"].value()) == (1, "华园西区", "50")
    assert fewer["area-0-abandoned-professional"].value() is None


def test_a_date_brings_the_items_of_that_date(client, page, four):
    early = client.post("/compounds/A/record/split/", splitting(step="count", effective_on="2014-02-01"))
    assert early.context["form"].pockets == [("abandoned", "none")]


def test_a_split_is_shown_and_recorded_once(client, page, four):
    response = client.post("/compounds/A/record/split/", splitting())
    assert sides(response.context["preview"]) == {
        "before": {"华园小区": 100_000}, "after": {"华园小区": 60_000, "华园东区": 40_000},
    }  # fmt: skip
    assert f"{JINYUAN}-001" in response.content.decode()
    assert not Compound.objects.filter(name="华园东区").exists()
    sent = splitting(step="confirm", **{"address-0": "新华路3号", "kind-0": "gated"})
    assert client.post("/compounds/A/record/split/", sent).url == "/compounds/A/"
    assert "没有重复记录" in client.post("/compounds/A/record/split/", sent, follow=True).content.decode()
    east = Compound.objects.get(name="华园东区")
    assert (east.code, east.address, east.kind) == (f"{JINYUAN}-001", "新华路3号", "gated")
    assert height() == 6


AREA, HOMES, MANAGED = "area-0-abandoned-none", "homes-0-abandoned-none", "area-0-abandoned-professional"
AREA_1 = "area-1-abandoned-none"
REFUSED_SPLITS = [
    ({"name-0": ""}, "name-0"), ({"name-0": "华园"}, "name-0"), ({AREA: "400.01"}, AREA),
    ({AREA: "0"}, AREA), ({AREA: "-5"}, AREA),
    ({AREA: "x"}, AREA), ({HOMES: "5"}, HOMES),
    ({AREA: ""}, AREA),
    ({AREA: "", HOMES: "", MANAGED: ""}, AREA),
    ({"parts": "2", "name-1": "华园东区", AREA_1: "1"}, "name-1"),
    ({"parts": "2", "name-1": "华园西区"}, AREA_1),
    ({"parts": "2", "name-1": "华园西区", AREA_1: "350"}, AREA_1),
    ({"parts": "x"}, "parts"), ({"parts": "0"}, "parts"), ({"parts": "9999"}, "parts"),
    ({"effective_on": "2013-01-01"}, "effective_on"), ({"effective_on": "2099-01-01"}, "effective_on"),
]  # fmt: skip


def test_a_refused_split_says_so_at_its_field(client, page, four):
    for (fields, field), step in product(REFUSED_SPLITS, ["preview", "confirm"]):
        response = client.post("/compounds/A/record/split/", splitting(**fields, step=step))
        assert response.status_code == 200
        assert field in response.context["form"].errors, (fields, step)
    assert height() == 5
    assert Compound.objects.count() == 4


# --- 更正 ----------------------------------------------------------------------------------------------
def correcting(**fields) -> dict:
    return {"why": "录入有误", "action": "replace", **fields}


def test_corrections_of_these_kinds_have_a_page_of_their_own(client, page, four):
    client.post("/compounds/A/record/relocate/", form(community=HAIHE, step="confirm"))
    assert page("/entries/6/correct/").url == "/entries/6/correct/structure/"
    assert page("/entries/5/correct/structure/").url == "/entries/5/correct/"
    assert page("/entries/6/correct/structure/").context["form"]["community"].value() == HAIHE


def test_a_relocation_is_corrected_in_one_step(client, page, four):
    client.post("/compounds/A/record/relocate/", form(community=HAIHE, step="confirm"))
    sent = correcting(**form(community=XINLIU))
    preview = client.post("/entries/6/correct/structure/", sent).context["preview"]
    assert {change.division.code for change in preview.moments[0].divisions} >= {"211303", "211321"}
    client.post("/entries/6/correct/structure/", sent | {"step": "confirm"})
    undone, anew = Entry.objects.filter(height__gt=6)
    assert (undone.reverses_id, undone.reason, anew.community_id) == (6, "录入有误", XINLIU)
    client.post("/entries/6/correct/structure/", sent | {"step": "confirm"})
    assert height() == 8


def test_a_merge_is_corrected_to_another_target(client, page, four):
    client.post("/compounds/B/record/merge/", merging(stays="A", others=["B"], keep_names="", step="confirm"))
    opened = page("/entries/6/correct/structure/").context["form"]
    assert opened.chosen == ("A", ["B"])
    sent = correcting(**merging(stays="C", others=["B"], step="confirm"))
    assert client.post("/entries/6/correct/structure/", sent).url == "/compounds/C/"
    assert Compound.objects.get(code="B").merged_into.code == "C"


@pytest.mark.parametrize("retire", ["on", ""])
def test_a_split_is_corrected_or_withdrawn(client, page, four, retire):
    client.post("/compounds/A/record/split/", splitting(step="confirm"))
    opened = page("/entries/6/correct/structure/").context["form"]
    assert (opened["name-0"].value(), opened["area-0-abandoned-none"].value()) == ("华园东区", 100)
    sent = correcting(**splitting(**{"area-0-abandoned-none": "200"}))
    preview = client.post("/entries/6/correct/structure/", sent).context["preview"]
    assert sides(preview)["after"] == {"华园小区": 50_000, "华园东区": 50_000}
    client.post("/entries/6/correct/structure/", sent | {"step": "confirm"})
    assert height() == 8
    withdrawn = correcting(action="withdraw", step="preview", retire=retire)
    assert client.post("/entries/8/correct/structure/", withdrawn).context["preview"].is_equal
    client.post("/entries/8/correct/structure/", withdrawn | {"step": "confirm"})
    assert Compound.objects.get(name="华园东区").status == ("retired" if retire else "active")


def test_a_merge_that_others_need_is_not_withdrawn(client, page, four):
    client.post("/compounds/A/record/merge/", merging(others=["B"], step="confirm"))
    record("takeover", "2015-02-01", "A", mode_to="owners", m2=1400)
    response = client.post("/entries/6/correct/structure/", correcting(action="withdraw", step="confirm"))
    assert "数据版次 7" in str(response.context["reversal"].non_field_errors())
    assert height() == 7


# --- on behalf, and two people at once -------------------------------------------------------------------
ACTS = {
    "relocate": lambda **more: form(community=QIANJIN, **more), "merge": lambda **more: merging(**more),
    "split": lambda **more: splitting(**more),
}  # fmt: skip


@pytest.mark.parametrize("kind", ACTS)
def test_a_county_records_on_behalf_of_the_office_that_reported_it(client, cast, four, kind):
    client.force_login(cast["county"])
    address = f"/compounds/A/record/{kind}/"
    assert 'name="recorded_for"' in client.get(address).content.decode()
    sent = ACTS[kind](recorded_for=JINYUAN)
    shown = client.post(address, sent)
    assert "代报" in shown.content.decode()
    client.post(address, sent | {"step": "confirm"})
    entries = Entry.objects.filter(kind=kind)
    assert entries
    assert {entry.recorded_for_id for entry in entries} == {JINYUAN}
    entry = entries.latest("height")
    corrected = client.get(f"/entries/{entry.height}/correct/structure/").context["form"]
    assert corrected["recorded_for"].value() == JINYUAN


@pytest.mark.parametrize("kind", ACTS)
def test_on_behalf_of_an_office_of_its_own_only(client, cast, four, kind):
    client.force_login(cast["county"])
    answer = client.post(f"/compounds/A/record/{kind}/", ACTS[kind](recorded_for=HAIHE, step="confirm"))
    assert "recorded_for" in answer.context["form"].errors
    assert not Entry.objects.filter(kind=kind).exists()


def test_what_waits_says_on_whose_behalf(client, cast, four):
    from communities.divisions.models import Division
    from compounds.approvals import services
    from compounds.approvals.models import Proposal

    services.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    client.force_login(cast["county"])
    client.post("/compounds/A/record/merge/", merging(recorded_for=JINYUAN, step="confirm"))
    proposal = Proposal.objects.get()
    body = client.get(f"/approvals/{proposal.pk}/").content.decode()
    assert "代报" in body
    services.review(proposal=proposal, by=cast["bureau"])
    assert {entry.recorded_for_id for entry in Entry.objects.filter(kind="merge")} == {JINYUAN}


@pytest.mark.parametrize("kind", ACTS)
def test_who_comes_second_sees_what_changed(client, page, four, kind):
    sent = ACTS[kind]()
    seen = height()
    assert client.post(f"/compounds/A/record/{kind}/", sent).context["preview"]
    record("takeover", "2014-06-01", "B" if kind == "merge" else "A", m2=1, mode_to="owners")
    answer = client.post(f"/compounds/A/record/{kind}/", sent | {"step": "confirm", "seen": str(seen)})
    assert answer.status_code == 200
    assert f"/entries/{seen + 1}/" in answer.content.decode()
    assert height() == seen + 1
    client.post(f"/compounds/A/record/{kind}/", sent | {"step": "confirm", "seen": str(seen + 1)})
    assert height() > seen + 1


@pytest.mark.parametrize("kind", [*ACTS, "takeover"])
@pytest.mark.parametrize("role", ["bureau", "county"])
def test_a_form_asks_few_questions(client, cast, four, kind, role, django_assert_max_num_queries):
    client.force_login(cast[role])
    address = f"/compounds/A/record/{kind}/"
    client.get(address)
    with django_assert_max_num_queries(25):
        client.get(address)
