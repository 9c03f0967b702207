"""The programme by clicks: dates, baseline, targets; looked at first, refused with the field, kept in the history."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import translation

from oversight.programme import changes, editing, history, preview, selectors
from oversight.programme.breakdown import Asked, Paper, PartGiven, TargetRefused, divide, withdraw_part
from oversight.programme.editing import About, Dates
from oversight.programme.models import Baseline, Programme, Target, TargetVersion
from oversight.programme.services import BaselineRefused, lock_baseline
from tests.support import HAIHE, QIANJIN, XINLIU, day, dm2, record, register

WAN = 1_000_000


@pytest.fixture(autouse=True)
def city(cast, settings):
    settings.BUSINESS_DATE = day("2014-10-31")
    register("甲", community=QIANJIN, m2=2_000_000)
    register("乙", community=HAIHE, m2=1_000_000, category="renovated")
    register("丙", "2014-03-01", community=XINLIU, m2=500_000)
    record("takeover", "2014-05-10", "甲", mode_to="owners", m2=600_000)


def programme() -> Programme:
    return selectors.current()


def dates(**more) -> Dates:
    return Dates(**({"name": "方案", "starts_on": day("2014-01-01"), "baseline_on": day("2014-01-01")} | more))


def about(**more) -> About:
    facts = {
        "name": "新指标", "clause": "P3.3", "unit": "area", "divisions": ("211302",), "categories": ("abandoned",),
        "builds_on": "", "position": 9,
    }  # fmt: skip
    return About(**(facts | more))


def asked(required: int | None = 100 * WAN, deadline: str = "2015-12-31", **more) -> Asked:
    return Asked(required, day(deadline), **more)


PAPER = Paper("新指标通知", day("2014-06-01"))


def refused(call, **how) -> dict[str, str]:
    with pytest.raises(TargetRefused) as stopped:
        call(**how)
    return {problem.field: problem.message for problem in stopped.value.problems}


def edits_of(target: str) -> list:
    return [line for line in history.of(Target.objects.get(pk=target), ()) if line.details]


# --- the programme ---------------------------------------------------------------------------------------
def test_name_and_dates_are_edited_with_their_history(cast):
    found = editing.edit_programme(
        programme=programme(), dates=dates(starts_on=day("2014-02-01")), by=cast["bureau"]
    )  # fmt: skip
    assert found == ["name", "starts_on"]
    assert (programme().name, programme().starts_on) == ("方案", day("2014-02-01"))
    entry = LogEntry.objects.get_for_object(programme()).latest()
    assert (entry.actor, entry.changes_dict["starts_on"]) == (cast["bureau"], ["2014-01-01", "2014-02-01"])


def test_nothing_differs_and_nothing_is_noted(reference):
    before = LogEntry.objects.count()
    assert editing.edit_programme(programme=programme(), dates=editing.dates_of(programme()), by=None) == []
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"), ({"starts_on": day("1899-12-31")}, "starts_on"),
        ({"baseline_on": day("0001-01-01")}, "baseline_on"), ({"starts_on": day("2014-12-31")}, "starts_on"),
    ],
)  # fmt: skip
def test_what_a_programme_cannot_be_names_the_field(wrong, field):
    assert set(refused(editing.edit_programme, programme=programme(), dates=dates(**wrong), by=None)) == {field}
    assert programme().name != "方案"


def test_the_programme_starts_before_the_first_milestone_of_a_part(cast):
    part = PartGiven(
        programme().targets.get(pk="T1").divisions.first(),
        asked(deadline="2014-12-31", milestones=((day("2014-06-30"), 50 * WAN),)),
    )  # fmt: skip
    divide(target=Target.objects.get(pk="T1"), parts=[part], paper=PAPER, by=None)
    wrong = refused(editing.edit_programme, programme=programme(), dates=dates(starts_on=day("2014-07-01")), by=None)
    assert "T1" in wrong["starts_on"]
    assert "2014-06-30" in wrong["starts_on"]
    editing.edit_programme(programme=programme(), dates=dates(starts_on=day("2014-06-29")), by=None)


def test_the_date_of_a_locked_baseline_stays(reference):
    lock_baseline(programme=programme(), by=None)
    wrong = refused(editing.edit_programme, programme=programme(), dates=dates(baseline_on=day("2014-02-01")), by=None)
    assert set(wrong) == {"baseline_on"}
    assert editing.edit_programme(programme=programme(), dates=dates(), by=None) == ["name"]


def test_whoever_comes_second_writes_nothing(reference):
    seen = editing.fingerprint(editing.dates_of(programme()))
    editing.edit_programme(programme=programme(), dates=dates(), by=None, seen=seen)
    with pytest.raises(editing.Meanwhile):
        editing.edit_programme(programme=programme(), dates=dates(name="别名"), by=None, seen=seen)
    assert programme().name == "方案"


def test_a_preview_measures_with_the_change_and_leaves_nothing_of_it(reference):
    lock_baseline(programme=programme(), by=None)
    log = LogEntry.objects.count()
    found = preview.rehearse(
        lambda: editing.edit_programme(programme=programme(), dates=dates(starts_on=day("2014-07-01")), by=None)
    )
    moved = {each.target.code: each for each in found.targets}
    assert moved["T1"].after.scheduled < moved["T1"].before.scheduled
    assert moved["T1"].after.required == moved["T1"].before.required
    assert not found.start_differs
    assert (programme().starts_on, LogEntry.objects.count()) == (day("2014-01-01"), log)


def test_a_preview_of_the_baselines_date_says_what_the_start_would_be(reference):
    found = preview.rehearse(
        lambda: editing.edit_programme(programme=programme(), dates=dates(baseline_on=day("2014-06-01")), by=None),
        start=True,
    )
    assert found.start_differs
    assert (found.before.start.total, found.after.start.total) == (dm2(3_000_000), dm2(3_500_000))
    assert (found.before.start.managed, found.after.start.managed) == (0, dm2(600_000))


# --- the baseline ----------------------------------------------------------------------------------------
def test_a_baseline_is_locked_at_the_version_that_was_looked_at(cast):
    with translation.override("en"), pytest.raises(BaselineRefused, match="recorded since"):
        lock_baseline(programme=programme(), by=cast["bureau"], height=3)
    assert not Baseline.objects.exists()
    baseline = lock_baseline(programme=programme(), by=cast["bureau"], height=4)
    assert (baseline.height, LogEntry.objects.get_for_object(baseline).get().actor) == (4, cast["bureau"])


def test_locking_shows_what_it_fixes_and_happens_once(as_):
    client = as_("bureau")
    shown = client.get("/settings/programme/lock/")
    required = {
        each.target.code: (each.before.required, each.after.required) for each in shown.context["preview"].targets
    }
    assert required["T3-211321"] == (dm2(500_000), 0), "on the day of the baseline there was nothing in the county"
    assert not Baseline.objects.exists()
    for height in ("", "x", "3", "9" * 30):
        stale = client.post("/settings/programme/lock/", {"height": height})
        assert (stale.status_code, bool(stale.context["refused"]), Baseline.objects.count()) == (200, True, 0)
    assert client.post("/settings/programme/lock/", {"height": "4"}).status_code == 302
    assert Baseline.objects.get().height == 4
    again = client.post("/settings/programme/lock/", {"height": "4"})
    assert (again.context["preview"], bool(again.context["refused"])) == (None, True)
    assert as_("admin").get("/settings/programme/lock/").status_code == 403


# --- new targets -----------------------------------------------------------------------------------------
def test_a_new_target_stands_with_its_first_version_and_its_history(cast):
    made = editing.add_target(
        programme=programme(), code="T5", about=about(categories=("renovated", "abandoned")), asked=asked(),
        paper=PAPER, by=cast["bureau"],
    )  # fmt: skip
    target = selectors.targets(programme()).get(pk="T5")
    (version,) = selectors.standing(target)
    assert (version.required_dm2, version.document, version.recorded_by) == (100 * WAN, "新指标通知", cast["bureau"])
    assert (target.categories, [each.pk for each in target.divisions.all()]) == (["abandoned", "renovated"], ["211302"])
    lines = changes.read(changes.found("targets", "bureau"))
    assert {line.address for line in lines} == {reverse("programme:target", args=["T5"])}
    assert {line.edit.by for line in lines} == {cast["bureau"]}
    assert editing.about_of(made) == about(categories=("abandoned", "renovated"))


@pytest.mark.parametrize(
    ("code", "what", "field"),
    [
        ("T 5", {}, "code"), ("", {}, "code"), ("T/5", {}, "code"), ("T" * 21, {}, "code"), ("T1", {}, "code"),
        ("T5", {"name": " "}, "name"), ("T5", {"clause": "P99"}, "clause"), ("T5", {"unit": "m"}, "unit"),
        ("T5", {"categories": ()}, "categories"), ("T5", {"categories": ("老旧",)}, "categories"),
        ("T5", {"divisions": ()}, "divisions"), ("T5", {"divisions": ("2114",)}, "divisions"),
        ("T5", {"divisions": ("211302", "211302001")}, "divisions"), ("T5", {"builds_on": "T5"}, "builds_on"),
        ("T5", {"builds_on": "T9"}, "builds_on"), ("T5", {"builds_on": "T4"}, "builds_on"),
    ],
)  # fmt: skip
def test_what_a_new_target_cannot_be_names_the_field(code, what, field):
    before = Target.objects.count()
    wrong = refused(
        editing.add_target, programme=programme(), code=code, about=about(**what), asked=asked(), paper=PAPER, by=None
    )
    assert set(wrong) == {field}
    assert (Target.objects.count(), TargetVersion.objects.filter(document=PAPER.document).count()) == (before, 0)


def test_every_problem_of_target_and_version_is_said_at_once(reference):
    wrong = refused(
        editing.add_target, programme=programme(), code="T5", about=about(name="", unit="communities"),
        asked=asked(deadline="2014-05-31"), paper=Paper(" ", day("2014-06-01")), by=None,
    )  # fmt: skip
    assert set(wrong) == {"name", "required", "deadline", "document"}


# --- targets edited --------------------------------------------------------------------------------------
def edit(target: str, **what) -> list[str]:
    row = Target.objects.get(pk=target)
    now = editing.about_of(row)
    return editing.edit_target(target=row, about=About(**(vars(now) | what)), by=None)


def wrong_edit(target: str, **what) -> dict[str, str]:
    row = Target.objects.get(pk=target)
    return refused(editing.edit_target, target=row, about=About(**(vars(editing.about_of(row)) | what)), by=None)


def test_what_a_target_is_about_is_edited_and_figures_follow(cast):
    row = Target.objects.get(pk="T1")
    now = editing.about_of(row)
    new = About(**(vars(now) | {"name": "老旧小区", "divisions": ("211302",), "categories": ("abandoned",)}))
    found = preview.rehearse(lambda: editing.edit_target(target=row, about=new, by=None))
    moved = {each.target.code: each for each in found.targets}
    assert moved == {}, "what is completed lies in the division and category that stay"
    assert editing.edit_target(target=row, about=new, by=cast["bureau"]) == ["name", "categories", "divisions"]
    assert edit("T1", categories=("renovated",)) == ["categories"]
    lines = edits_of("T1")
    assert {line.by for line in lines} >= {cast["bureau"]}
    assert any("龙城" in before for line in lines for _label, before, _after in line.details)


def test_a_preview_of_categories_says_what_would_be_completed(reference):
    row = Target.objects.get(pk="T1")
    new = About(**(vars(editing.about_of(row)) | {"categories": ("renovated",)}))
    found = preview.rehearse(lambda: editing.edit_target(target=row, about=new, by=None))
    (moved,) = found.targets
    assert (moved.before.completed, moved.after.completed) == (dm2(600_000), 0)
    assert Target.objects.get(pk="T1").categories == ["abandoned", "renovated"]


def test_targets_build_on_one_another_in_one_direction(reference):
    assert set(wrong_edit("T1", builds_on="T2")) == {"builds_on"}
    assert set(wrong_edit("T1", builds_on="T1")) == {"builds_on"}
    assert edit("T2", builds_on="") == ["builds_on"]
    assert edit("T1", builds_on="T2") == ["builds_on"]


def test_amounts_that_stand_keep_the_unit_and_the_divisions(reference):
    assert set(wrong_edit("T1", unit="communities", builds_on="")) == {"unit"}
    haihe = PartGiven(Target.objects.get(pk="T1").divisions.get(pk="211303"), asked(deadline="2014-12-31"))
    (given,) = divide(target=Target.objects.get(pk="T1"), parts=[haihe], paper=PAPER, by=None)
    assert set(wrong_edit("T1", divisions=("211302",))) == {"divisions"}
    withdraw_part(version=given, reason="误", by=None)
    assert edit("T1", divisions=("211302",)) == ["divisions"]
    assert edit("T4", unit="area", categories=("abandoned",)) == ["unit", "categories"]


def test_whoever_comes_second_sees_how_the_target_stands_now(as_):
    client = as_("bureau")
    address = "/settings/targets/T1/edit/"
    opened = client.get(address).context["form"]
    sent = {bound.html_name: value for bound in opened if (value := bound.value()) is not None}
    client.post(address, sent | {"name": "甲", "step": "confirm"})
    second = client.post(address, sent | {"name": "乙", "step": "confirm"})
    assert second.context["form"].non_field_errors()
    assert Target.objects.get(pk="T1").name == "甲"
    again = {bound.html_name: value for bound in second.context["form"] if (value := bound.value()) is not None}
    assert client.post(address, again | {"step": "confirm"}).status_code == 302
    assert Target.objects.get(pk="T1").name == "乙"


# --- pages -----------------------------------------------------------------------------------------------
NEW = {
    "code": "T5", "name": "<b>新</b>指标", "clause": "P3.3", "unit": "area", "categories": ["abandoned"],
    "divisions": ["211302"], "more": "211303004", "position": "9", "builds_on": "T1", "document": "通知",
    "valid_from": "2014-06-01", "deadline": "2015-12-31", "required": "100", "base": "", "milestones": "2015-06-30 40",
}  # fmt: skip


def test_a_target_is_looked_at_and_then_entered_by_clicks(as_):
    client = as_("bureau")
    shown = client.post("/settings/targets/new/", NEW | {"step": "preview"})
    (moved,) = shown.context["preview"].targets
    assert (moved.before, moved.after.required, moved.after.completed) == (None, 100 * WAN, dm2(600_000))
    assert "<b>新" not in shown.content.decode()
    assert not Target.objects.filter(pk="T5").exists()
    assert client.post("/settings/targets/new/", NEW | {"step": "edit"}).context["form"]["code"].value() == "T5"
    entered = client.post("/settings/targets/new/", NEW | {"step": "confirm"}, follow=True)
    assert entered.redirect_chain == [("/targets/T5/", 302)]
    assert sorted(Target.objects.get(pk="T5").divisions.values_list("pk", flat=True)) == ["211302", "211303004"]
    twice = client.post("/settings/targets/new/", NEW | {"step": "confirm"})
    assert "code" in twice.context["form"].errors


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"required": "很多"}, "required"), ({"more": "nowhere"}, "divisions"), ({"clause": ""}, "clause"),
        ({"position": "-1"}, "position"), ({"milestones": "2015-06-30"}, "milestones"), ({"deadline": ""}, "deadline"),
        ({"unit": "communities"}, "required"), ({"code": "../x"}, "code"), ({"document": ""}, "document"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_target_is_said_at_its_field(as_, wrong, field):
    answer = as_("bureau").post("/settings/targets/new/", NEW | wrong | {"step": "confirm"})
    assert field in answer.context["form"].errors
    assert not Target.objects.filter(name=NEW["name"]).exists()


def test_the_programme_is_looked_at_and_then_edited_by_clicks(as_):
    client = as_("admin")
    opened = client.get("/settings/programme/edit/").context["form"]
    sent = {bound.html_name: bound.value() for bound in opened} | {"starts_on": "2014-02-01"}
    shown = client.post("/settings/programme/edit/", sent | {"step": "preview"})
    assert shown.context["preview"].targets
    assert programme().starts_on == day("2014-01-01")
    assert client.post("/settings/programme/edit/", sent | {"step": "confirm"}).status_code == 302
    assert programme().starts_on == day("2014-02-01")
    wrong = client.post("/settings/programme/edit/", sent | {"seen": "", "starts_on": "2020-01-01", "step": "confirm"})
    assert "starts_on" in wrong.context["form"].errors
    page = client.get("/settings/programme/")
    assert [line.edit.by.username for line in page.context["lines"] if line.edit.by] == ["admin"]
    assert all(clause.text[:12] in page.content.decode() for clause in page.context["clauses"])


def test_the_administration_keeps_the_same_rules(as_):
    client = as_("bureau")
    lock_baseline(programme=programme(), by=None)
    address = reverse("admin:oversight_programme_change", args=[programme().pk])
    facts = {"name": "方案", "city": "2113", "starts_on": "2014-01-01", "baseline_on": "2014-02-01"}
    assert client.post(address, facts).status_code == 200
    assert client.post(address, facts | {"baseline_on": "2014-01-01"}).status_code == 302
    target = reverse("admin:oversight_target_change", args=["T2"])
    about_t2 = {
        "programme": programme().pk, "name": "二", "clause": "P3.4", "unit": "area", "divisions": ["211302", "211303"],
        "categories": ["abandoned"], "builds_on": "T2", "position": "1", "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.post(target, about_t2).status_code == 200
    assert client.post(target, about_t2 | {"builds_on": "T1"}).status_code == 302
    assert Target.objects.get(pk="T2").name == "二"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "address",
    [
        "/settings/programme/", "/settings/programme/edit/", "/settings/programme/lock/", "/settings/targets/new/",
        "/settings/targets/T1/edit/", "/settings/targets/T4/edit/",
    ],
)  # fmt: skip
def test_each_page_takes_few_queries(as_, address, language, django_assert_max_num_queries):
    client = as_("bureau")
    client.cookies["django_language"] = language
    with django_assert_max_num_queries(25):
        assert client.get(address).status_code == 200


def test_a_preview_measures_everything_twice_in_bounds(as_, django_assert_max_num_queries):
    client = as_("bureau")
    opened = client.get("/settings/targets/T1/edit/").context["form"]
    sent = {bound.html_name: value for bound in opened if (value := bound.value()) is not None}
    with django_assert_max_num_queries(50):
        assert client.post("/settings/targets/T1/edit/", sent | {"name": "x", "step": "preview"}).context["preview"]


def test_a_target_that_is_none_has_no_page(as_):
    assert as_("bureau").get("/settings/targets/T9/edit/").status_code == 404
