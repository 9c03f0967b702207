"""区划 by clicks: what a correction and an addition refuse, what they leave in the history, and who sees the pages."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from chaoyang_pm.kit.labels import field_label
from communities.divisions import browsing, services
from communities.divisions.browsing import ALL, ENDED, Asked
from communities.divisions.choices import Level
from communities.divisions.models import Division, Succession
from tests.support import QIANJIN, day, register

FREE = "211302001555"


def refused(call, **how) -> dict[str, str]:
    with pytest.raises(ValidationError) as stopped:
        call(**how)
    error = stopped.value
    return {name: " ".join(texts) for name, texts in error.message_dict.items()} if hasattr(error, "error_dict") else {
        "": " ".join(error.messages)
    }  # fmt: skip


# --- names corrected -------------------------------------------------------------------------------------
def test_a_corrected_name_stands_and_leaves_before_and_after_with_who_did_it(cast):
    division = Division.objects.get(pk=QIANJIN)
    was = division.name
    assert services.correct_name(division=division, name=" 前进\u3000社区 ", short_name="前进", by=cast["bureau"])
    division.refresh_from_db()
    assert (division.name, division.short_name) == ("前进 社区", "前进")
    (edit,) = browsing.history(division)
    assert (edit.by, edit.details[0][1:]) == (cast["bureau"], (was, "前进 社区"))


def test_the_same_name_again_is_no_edit(reference):
    division = Division.objects.get(pk=QIANJIN)
    assert not services.correct_name(division=division, name=division.name, short_name=division.short_name, by=None)
    assert not LogEntry.objects.get_for_object(division).exists()


def test_a_siblings_name_is_refused_however_it_is_written_and_a_cousins_is_not(reference):
    division = Division.objects.get(pk=QIANJIN)
    sibling = Division.objects.living().filter(parent=division.parent).exclude(pk=QIANJIN).first()
    cousin = Division.objects.filter(level=Level.COMMUNITY).exclude(parent=division.parent).first()
    wide = f" {sibling.name[0]}\u3000{sibling.name[1:]}"
    assert set(refused(services.correct_name, division=division, name=wide, short_name="", by=None)) == {"name"}
    division.refresh_from_db()
    assert division.name != sibling.name
    assert services.correct_name(division=division, name=cousin.name, short_name="", by=None)


@pytest.mark.parametrize(
    ("names", "field"), [(("  ", ""), "name"), (("长" * 61, ""), "name"), (("前", "短" * 61), "short_name")]
)
def test_an_impossible_name_says_so_at_its_field(reference, names, field):
    division = Division.objects.get(pk=QIANJIN)
    assert set(refused(services.correct_name, division=division, name=names[0], short_name=names[1], by=None)) == {
        field
    }


def test_who_comes_second_sees_what_it_is_called_now(as_):
    client = as_("bureau")
    address = f"/settings/divisions/{QIANJIN}/correct/"
    seen = {name: value for name, value in client.get(address).context["form"].initial.items() if "seen" in name}
    client.post(address, seen | {"name": "前进新社区", "short_name": ""})
    second = client.post(address, seen | {"name": "前进老社区", "short_name": ""})
    assert "前进新社区" in second.context["form"].non_field_errors()[0]
    assert Division.objects.get(pk=QIANJIN).name == "前进新社区"
    again = {bound.html_name: bound.value() for bound in second.context["form"]}
    assert client.post(address, again).status_code == 302
    assert Division.objects.get(pk=QIANJIN).name == "前进老社区"


def test_a_division_that_never_was_has_no_page_and_no_name_to_correct(as_):
    gone = Division.objects.create(
        code=FREE, name="无此社区", level="community", parent_id="211302001", began_on=day("2014-06-01"),
        ended_on=day("2014-06-01"),
    )  # fmt: skip
    assert "" in refused(services.correct_name, division=gone, name="有此社区", short_name="", by=None)
    assert as_("bureau").get(f"/settings/divisions/{FREE}/").status_code == 404


# --- missing divisions added -----------------------------------------------------------------------------
def test_a_missing_division_lies_where_its_code_says(cast):
    added = services.add(code=FREE, name=" 新立社区 ", by=cast["admin"])
    assert (added.name, added.level, added.parent_id, added.began_on) == ("新立社区", "community", "211302001", None)
    (edit,) = browsing.history(added)
    assert (edit.by, edit.details) == (cast["admin"], ((field_label(Division, "name"), "—", "新立社区"),))
    county = services.add(code="211377", name="新区", by=None)
    below = services.add(code="211377001", name="新街道", short_name="新街", by=None)
    assert (county.level, below.level, below.parent_id) == ("county", "subdistrict", "211377")


@pytest.mark.parametrize(
    ("code", "name", "field"),
    [
        ("2114", "别的市", "code"), ("21130200155", "短码社区", "code"),
        ("２１１３０２００１５５５", "全角社区", "code"),
        ("211302001abc", "字母社区", "code"), ("", "无码", "code"), (QIANJIN, "重码社区", "code"),
        ("211302001000", "零号社区", "code"), ("211302888001", "无街道社区", "code"),
        ("999902001001", "外市社区", "code"), (FREE, "", "name"), (FREE, "金元社区", "name"),
        (FREE, "金元 社区", "name"), (FREE, "长" * 61, "name"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_says_why_at_its_field(reference, code, name, field):
    before = Division.objects.count()
    assert set(refused(services.add, code=code, name=name, by=None)) == {field}
    assert Division.objects.count() == before


def test_nothing_new_lies_below_what_has_ended(reference):
    Division.objects.filter(pk="211302001").update(ended_on=day("2014-06-01"))
    assert set(refused(services.add, code=FREE, name="新立社区", by=None)) == {"code"}


def test_the_name_of_an_ended_sibling_is_free(reference):
    sibling = Division.objects.filter(parent="211302001").first()
    Division.objects.filter(pk=sibling.pk).update(ended_on=day("2014-06-01"))
    assert services.add(code=FREE, name=sibling.name, by=None).name == sibling.name


# --- pages -----------------------------------------------------------------------------------------------
def names(found) -> list[str]:
    return [division.code for division in found]


def test_the_list_begins_with_the_counties_and_is_found_by_name_code_level_and_state(cast):
    user = cast["bureau"]
    assert {division.level for division in browsing.found(user, Asked())} == {"county"}
    assert names(browsing.found(user, Asked(q="211302001003"))) == ["211302001003"]
    assert "211302001003" in names(browsing.found(user, Asked(q="金元")))
    assert names(browsing.found(user, Asked(q="2113", level="city"))) == ["2113"]
    Division.objects.filter(pk="211302001003").update(ended_on=day("2014-06-01"))
    assert names(browsing.found(user, Asked(q="211302001003"))) == []
    for state in (ENDED, ALL):
        assert names(browsing.found(user, Asked(q="211302001003", state=state))) == ["211302001003"]


def test_a_page_says_what_lies_below_how_many_compounds_and_which_changes_it_took_part_in(as_):
    register("甲", community=QIANJIN)
    register("乙", community="211302001003")
    change = Succession.objects.create(kind="rename", effective_on=day("2014-06-01"), key="k", document="批复")
    change.lines.create(from_division_id=QIANJIN, to_division_id=QIANJIN, from_name="前进", to_name="前进社区")
    client = as_("auditor")
    county = client.get("/settings/divisions/211302/").context
    assert {division.parent_id for division in county["below"]} == {"211302"}
    assert ([content.number for content in county["contents"]], list(county["changes"])) == ([2], [])
    community = client.get(f"/settings/divisions/{QIANJIN}/")
    assert ([content.number for content in community.context["contents"]], list(community.context["changes"])) == (
        [1], [change],
    )  # fmt: skip
    assert client.get(community.context["contents"][0].address).status_code == 200


def test_the_auditor_reads_and_edits_nothing(as_):
    client = as_("auditor")
    before = Division.objects.count()
    assert client.get("/settings/divisions/?q=前进").status_code == 200
    assert client.post(f"/settings/divisions/{QIANJIN}/correct/", {"name": "别名"}).status_code == 403
    assert client.post("/settings/divisions/add/", {"code": FREE, "name": "新立社区"}).status_code == 403
    assert Division.objects.count() == before


def test_a_division_is_added_by_clicks_from_the_one_above(as_):
    client = as_("bureau")
    assert client.get("/settings/divisions/add/?below=211302001").context["form"].initial == {"code": "211302001"}
    assert client.get("/settings/divisions/add/?below=<b>").context["form"].initial == {}
    wrong = client.post("/settings/divisions/add/", {"code": FREE, "name": "金元社区"})
    assert "name" in wrong.context["form"].errors
    answer = client.post("/settings/divisions/add/", {"code": FREE, "name": "<b>新立</b>社区"}, follow=True)
    assert answer.redirect_chain == [(f"/settings/divisions/{FREE}/", 302)]
    assert "<b>新立" not in answer.content.decode()


def test_the_administration_refuses_a_siblings_name_too(as_):
    client = as_("bureau")
    address = f"/admin/communities/division/{QIANJIN}/change/"
    taken = Division.objects.filter(parent="211302003").exclude(pk=QIANJIN).first()
    assert client.post(address, {"name": f" {taken.name}", "short_name": ""}).status_code == 200
    assert Division.objects.get(pk=QIANJIN).name != taken.name
    assert client.post(address, {"name": "前进新社区", "short_name": ""}).status_code == 302


def test_unusable_filters_are_named(as_):
    response = as_("bureau").get("/settings/divisions/?level=planet")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == ["level"]


@pytest.mark.parametrize(
    "address",
    [
        "/settings/divisions/", "/settings/divisions/?q=前进&state=all", "/settings/divisions/2113/",
        "/settings/divisions/211302/", f"/settings/divisions/{QIANJIN}/", f"/settings/divisions/{QIANJIN}/correct/",
        "/settings/divisions/add/",
    ],
)  # fmt: skip
def test_each_page_takes_few_queries(as_, address, django_assert_max_num_queries):
    client = as_("bureau")
    with django_assert_max_num_queries(25):
        assert client.get(address).status_code == 200
