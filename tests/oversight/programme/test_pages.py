"""任务进度 and 任务分解 by clicks: versions, parts, who may, and what a wrong entry says."""

import re

import pytest
from django.urls import reverse

from oversight.programme.models import PartVersion, TargetVersion
from tests.support import JINYUAN, QIANJIN, day, dm2, record, register

WAN = 1_000_000


@pytest.fixture(autouse=True)
def city(cast, settings):
    settings.BUSINESS_DATE = day("2014-10-31")
    register("甲", community=JINYUAN, m2=2_000_000)
    register("乙", community=QIANJIN, m2=1_000_000)
    record("takeover", "2014-05-10", "甲", mode_to="owners", m2=600_000)


def divided(step: str = "preview", **fields) -> dict:
    facts = {"document": "分解通知", "valid_from": "2014-03-20", "reason": "", "columns": "4", "step": step}
    return facts | {name.replace("__", "-"): value for name, value in fields.items()}


def two_districts(step: str = "confirm") -> dict:
    return divided(
        step, **{
            "required-211302": "200", "deadline-211302": "2014-12-31", "base-211302": "196.5",
            "required-211303": "102", "deadline-211303": "2014-12-31", "day-0": "2014-06-30", "due-0-211302": "80",
        },
    )  # fmt: skip


DIVIDE, OF_COUNTY = "/targets/T1/divide/2113/", "/targets/T1/divide/211302/"


# --- reading ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/targets/", "/targets/T1/", "/targets/T4/", "/targets/T3-211321/", "/targets/?as_of=2014-06-30&height=1",
        "/targets/T2/?target_version=2020-01-01", "/targets/T1/adjust/", DIVIDE, OF_COUNTY, "/targets/T4/divide/2113/",
        "/targets/T4/adjust/", "/targets/T3-211321/divide/211321/",
    ],
)  # fmt: skip
def test_page_opens(as_, path, language):
    client = as_("bureau")
    client.post(DIVIDE, two_districts())
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    assert "style=" not in response.content.decode()
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", response.content.decode())


def test_an_unusable_version_date_names_its_field(as_):
    response = as_("bureau").get("/targets/?target_version=2014-13-40")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == ["target_version"]


def test_everybody_sees_the_targets_of_their_own_divisions(as_):
    seen = {
        name: [row.figures.target.code for row in as_(name).get("/targets/").context["rows"]]
        for name in ("bureau", "county", "committee", "neighbour_county")
    }
    assert len(seen["bureau"]) == 8
    assert seen["county"] == seen["committee"] == seen["neighbour_county"] == ["T1", "T2", "T4"]
    assert as_("nobody").get("/targets/").status_code == 403
    assert as_("county").get("/targets/T3-211321/").status_code == 404
    assert as_("bureau").get("/targets/T9/").status_code == 404


def test_parts_outside_ones_scope_are_not_shown(as_):
    as_("bureau").post(DIVIDE, two_districts())
    parts = {
        name: [node.figures.given.code for node in as_(name).get("/targets/T1/").context["parts"]]
        for name in ("bureau", "county", "subdistrict", "neighbour_county")
    }
    assert parts == {
        "bureau": ["211302", "211303"], "county": ["211302"], "subdistrict": [], "neighbour_county": ["211303"],
    }  # fmt: skip
    history = as_("neighbour_county").get("/targets/T1/").content.decode()
    assert "196.50" not in history


# --- breaking down ---------------------------------------------------------------------------------------
def test_the_preview_holds_the_parts_against_the_whole_and_writes_nothing(as_):
    response = as_("bureau").post(DIVIDE, two_districts("preview"))
    assert (response.context["total"], response.context["difference"]) == (302 * WAN, 0)
    assert not PartVersion.objects.exists()
    less = two_districts("preview") | {"required-211303": "100.5"}
    assert as_("bureau").post(DIVIDE, less).context["difference"] == dm2(15_000)


def test_confirming_gives_the_parts(as_, cast):
    response = as_("bureau").post(DIVIDE, two_districts(), follow=True)
    assert response.redirect_chain == [("/targets/T1/", 302)]
    east = PartVersion.objects.get(part__division="211302")
    assert (east.required, east.base, east.recorded_by) == (200 * WAN, 196_500_000, cast["bureau"])
    assert [(str(m.due_on), m.required) for m in east.milestones.all()] == [("2014-06-30", 80 * WAN)]
    body = response.content.decode()
    assert "196.50" in body
    assert body.count("分解通知") >= 2


def test_only_rows_that_differ_get_a_version(as_):
    client = as_("bureau")
    client.post(DIVIDE, two_districts())
    form = client.get(DIVIDE).context["form"]
    sent = {bound.html_name: bound.value() for bound in form}
    assert (sent["day-0"], sent["due-0-211302"], sent["required-211302"]) == (day("2014-06-30"), "80", "200")
    again = two_districts() | {"valid_from": "2014-10-01", "required-211303": "101"}
    client.post(DIVIDE, again)
    assert list(PartVersion.objects.filter(valid_from="2014-10-01").values_list("part__division", flat=True)) == [
        "211303"
    ]
    unchanged = client.post(DIVIDE, again | {"valid_from": "2014-10-02"})
    assert unchanged.context["form"].non_field_errors()


def test_the_county_breaks_its_own_part_down_and_nobody_elses(as_):
    assert as_("county").get(OF_COUNTY).status_code == 403, "nothing was given to it yet"
    as_("bureau").post(DIVIDE, two_districts())
    sent = divided("confirm", **{"required-211302001": "150", "deadline-211302001": "2014-11-30"})
    assert as_("county").get(DIVIDE).status_code == 404
    assert as_("county").get("/targets/T1/divide/211303/").status_code == 404
    assert as_("subdistrict").get(OF_COUNTY).status_code == 404
    assert as_("county").post(OF_COUNTY, sent).status_code == 302
    assert PartVersion.objects.get(part__division="211302001").deadline == day("2014-11-30")
    below = as_("county").get("/targets/T1/divide/211302001/")
    assert below.status_code == 200
    assert JINYUAN in [division.code for division in below.context["form"].divisions]
    for name in ("leader", "auditor", "committee", "nobody"):
        assert as_(name).get(OF_COUNTY).status_code in (403, 404)


def test_what_the_city_gave_the_city_takes_back(as_):
    as_("bureau").post(DIVIDE, two_districts())
    as_("county").post(OF_COUNTY, divided("confirm", **{
        "required-211302001": "150", "deadline-211302001": "2014-11-30",
    }))  # fmt: skip
    own, given = PartVersion.objects.get(part__division="211302"), PartVersion.objects.get(part__division="211302001")
    take_back = {version: reverse("programme:withdraw_part", args=["T1", version.pk]) for version in (own, given)}
    assert as_("county").post(take_back[own], {"reason": "错"}).status_code == 403
    assert as_("neighbour_county").post(take_back[given], {"reason": "错"}).status_code == 404
    assert as_("county").post(take_back[given], {"reason": ""}).context["form"].errors
    assert as_("county").post(take_back[given], {"reason": "数字有误"}).status_code == 302
    given.refresh_from_db()
    assert not given.stands
    body = as_("county").get("/targets/T1/").content.decode()
    assert "数字有误" in body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"required-211302": "很多"}, "required-211302"), ({"required-211302": "-1"}, "required-211302"),
        ({"required-211302": "0.0000001"}, "required-211302"), ({"required-211302": "NaN"}, "required-211302"),
        ({"required-211302": ""}, "required-211302"), ({"deadline-211302": ""}, "deadline-211302"),
        ({"deadline-211302": "2014-03-01"}, "deadline-211302"), ({"deadline-211302": "2014-13-40"}, "deadline-211302"),
        ({"day-0": ""}, "due-0-211302"), ({"day-0": "2015-01-01"}, "due-0-211302"),
        ({"day-1": "2014-06-30"}, "day-1"), ({"due-0-211302": "201"}, "due-0-211302"),
        ({"document": ""}, "document"), ({"valid_from": "x"}, "valid_from"), ({"base-211302": "x"}, "base-211302"),
    ],
)  # fmt: skip
def test_a_wrong_cell_says_so_and_nothing_is_written(as_, changes, field):
    response = as_("bureau").post(DIVIDE, two_districts() | changes)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not PartVersion.objects.exists()


def test_a_day_with_a_version_already_names_the_division(as_):
    client = as_("bureau")
    client.post(DIVIDE, two_districts())
    again = client.post(DIVIDE, two_districts() | {"required-211302": "190"})
    assert "双塔区" in again.context["form"].errors["valid_from"][0]


def test_more_columns_for_milestones_keep_what_was_typed(as_):
    form = as_("bureau").post(DIVIDE, two_districts("more")).context["form"]
    assert (form.columns, form["required-211302"].value(), form["day-0"].value()) == (8, "200", "2014-06-30")
    assert as_("bureau").post(DIVIDE, divided(columns="99999999")).context["form"].columns == 24


# --- versions --------------------------------------------------------------------------------------------
def version(step: str = "confirm", **fields) -> dict:
    facts = {
        "document": "调整通知", "valid_from": "2014-10-01", "reason": "延期", "required": "280", "base": "",
        "deadline": "2015-06-30", "milestones": "2014-12-31 200\n2015-03-31:250", "step": step,
    }  # fmt: skip
    return facts | fields


def test_a_version_is_previewed_entered_and_shown_beside_the_original(as_):
    client = as_("bureau")
    assert client.post("/targets/T1/adjust/", version("preview")).context["preview"].required == 280 * WAN
    assert TargetVersion.objects.filter(target="T1").count() == 1
    assert client.post("/targets/T1/adjust/", version()).status_code == 302
    new = TargetVersion.objects.get(target="T1", valid_from="2014-10-01")
    assert [m.required // WAN for m in new.milestones.all()] == [200, 250]
    row = client.get("/targets/T1/").context["row"]
    assert [figures.required // WAN for figures in row.versions] == [302, 280]
    assert row.figures.version == new
    shown = client.get("/targets/T1/?target_version=2014-01-01").context["row"]
    assert shown.figures.required == 302 * WAN
    back = reverse("programme:withdraw_version", args=["T1", "2014-10-01"])
    assert client.post(back, {"reason": "文号有误"}).status_code == 302
    assert client.get("/targets/T1/").context["row"].figures.required == 302 * WAN
    assert client.post(back, {"reason": "文号有误"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"required": "x"}, "required"), ({"milestones": "2014-12-31"}, "milestones"), ({"reason": ""}, "reason"),
        ({"milestones": "2014-12-31 300"}, "milestones"), ({"deadline": "2014-09-30"}, "deadline"),
        ({"valid_from": "2014-01-01"}, "valid_from"),
    ],
)  # fmt: skip
def test_a_version_that_cannot_be_says_why(as_, changes, field):
    response = as_("bureau").post("/targets/T1/adjust/", version(**changes))
    assert field in response.context["form"].errors
    assert TargetVersion.objects.filter(target="T1").count() == 1


def test_all_area_at_the_baseline_can_be_asked_for(as_):
    as_("bureau").post("/targets/T1/adjust/", version(required="", milestones=""))
    assert as_("bureau").get("/targets/T1/").context["row"].figures.required == dm2(3_000_000)


def test_the_administration_adds_a_first_version_only(client, admin_user):
    client.force_login(admin_user)
    body = client.get("/admin/oversight/target/T1/change/").content.decode()
    assert "versions-0-deadline" not in body


def test_queries_do_not_grow_with_parts(as_, django_assert_max_num_queries):
    client = as_("bureau")
    client.post(DIVIDE, two_districts())
    client.get("/targets/T1/")
    with django_assert_max_num_queries(25) as queries:
        client.get("/targets/T1/")
        few = len(queries)
    rows = {f"required-21130200{n}": str(n) for n in range(1, 9)} | {
        f"deadline-21130200{n}": "2014-12-31" for n in range(1, 9)
    }
    assert client.post(OF_COUNTY, divided("confirm", **rows)).status_code == 302
    with django_assert_max_num_queries(few):
        client.get("/targets/T1/")
