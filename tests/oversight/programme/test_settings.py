"""设置: what is set where and by whom, its history, and counting rules by clicks."""

import pytest
from auditlog.registry import auditlog

from communities.divisions import services as divisions
from communities.divisions.models import Division
from compounds.approvals import services as approvals
from compounds.imports import words
from oversight.coverage import selectors
from oversight.coverage.question import resolve
from oversight.programme import changes
from oversight.programme.breakdown import Asked, Paper, PartGiven, add_version, divide, withdraw_version
from oversight.programme.models import CountingRule, Programme, Target
from tests.support import day, record, register

RULE = {"code": "owners_only", "name": "业主自行口径", "valid_from": "2014-06-01", "modes": ["owners"]}


@pytest.fixture(autouse=True)
def city(cast, settings):
    settings.BUSINESS_DATE = day("2014-10-31")
    register("甲", m2=1000)
    record("takeover", "2014-05-10", "甲", mode_to="owners", m2=600)
    record("takeover", "2014-05-10", "甲", mode_to="manager", m2=200)


def test_a_rule_is_looked_at_before_it_is_entered(as_):
    shown = as_("bureau").post("/settings/rules/", RULE | {"step": "preview"})
    now, then = shown.context["preview"]
    assert (now.rate, then.rate) == (0.8, 0.6)
    assert not CountingRule.objects.filter(code="owners_only").exists()


def test_a_rule_counts_from_its_day_on_and_says_who_entered_it(as_):
    client = as_("bureau")
    assert client.post("/settings/rules/", RULE | {"step": "confirm"}).status_code == 302
    assert selectors.coverage(resolve(rule="owners_only")).rate == 0.6
    found = {stages[0].rule.code: stages[0] for stages in client.get("/settings/rules/").context["rules"]}
    assert next(iter(found)) == "standard"
    assert found["standard"].entry is None or found["standard"].entry.actor is None
    assert (found["owners_only"].is_in_force, found["owners_only"].entry.actor.username) == (True, "bureau")


def test_another_row_of_a_rule_leaves_earlier_days_as_they_were(as_):
    client = as_("bureau")
    client.post("/settings/rules/", RULE | {"step": "confirm"})
    client.post(
        "/settings/rules/", RULE | {"valid_from": "2014-10-01", "modes": ["owners", "manager"], "step": "confirm"}
    )
    rates = [selectors.coverage(resolve(rule="owners_only", as_of=on)).rate for on in ("2014-09-30", "2014-10-01")]
    assert rates == [0.6, 0.8]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "Mine!"}, "code"), ({"modes": []}, "modes"), ({"modes": ["none"]}, "modes"), ({"name": ""}, "name"),
        ({"valid_from": "x"}, "valid_from"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_entered(as_, wrong, field):
    answer = as_("bureau").post("/settings/rules/", RULE | wrong | {"step": "confirm"})
    assert field in answer.context["form"].errors
    assert not CountingRule.objects.filter(name=RULE["name"]).exists()


def test_a_day_that_the_rule_has_a_row_for_is_refused(as_):
    client = as_("bureau")
    client.post("/settings/rules/", RULE | {"step": "confirm"})
    again = client.post("/settings/rules/", RULE | {"modes": ["manager"], "step": "confirm"})
    assert again.context["form"].errors
    assert CountingRule.objects.get(code="owners_only").modes == ["owners"]


def test_the_auditor_reads_and_enters_nothing(as_):
    client = as_("auditor")
    assert client.get("/settings/").status_code == client.get("/settings/rules/").status_code == 200
    assert client.post("/settings/rules/", RULE | {"step": "confirm"}).status_code == 403


# --- what is set now, and who changed it -----------------------------------------------------------------
def settings_of(client) -> dict:
    groups = client.get("/settings/").context["groups"]
    return {setting.address: setting for _heading, settings in groups for setting in settings}


def test_the_page_says_what_is_set_now_and_who_changed_it_last(as_, cast):
    words.add(field="category", word="弃管楼", meaning="abandoned", by=cast["admin"])
    divisions.correct_name(
        division=Division.objects.get(pk="211302001003"), name="金元新社区", short_name="", by=cast["bureau"]
    )
    approvals.require_second_person(division=Division.objects.get(pk="211302"), required=True, by=cast["bureau"])
    found = settings_of(as_("bureau"))
    assert found["/settings/words/"].last.by == cast["admin"]
    assert found["/settings/divisions/"].last.by == cast["bureau"]
    assert found["/approvals/second-person/"].last.by == cast["bureau"]
    assert "双塔" in found["/approvals/second-person/"].now
    assert "1,578" in found["/settings/divisions/"].now
    assert found["/review/rules/"].now == "街道办事处(乡镇): 3 天;县(市、区)物业主管部门: 5 天"
    assert found["/returns/rules/"].now == "社区: 当月25日;县(市、区): 次月5日"
    assert found["/settings/rules/"].last is None, "as it came with the reference data"
    assert found["/settings/programme/"].now.startswith(Programme.objects.get().name)


def test_each_reader_is_led_to_what_he_may_open(as_):
    for name in ("bureau", "auditor", "admin"):
        client = as_(name)
        for address in settings_of(client):
            assert client.get(address).status_code == 200, (name, address)


# --- history ---------------------------------------------------------------------------------------------
def test_the_history_has_every_kind_of_change_with_before_and_after_and_who(as_, cast):
    client = as_("bureau")
    client.post("/settings/rules/", RULE | {"step": "confirm"})
    word = words.add(field="category", word="弃管楼", meaning="abandoned", by=cast["admin"])
    words.withdraw(synonym=word, by=cast["admin"])
    division = Division.objects.get(pk="211302001003")
    was = division.name
    divisions.correct_name(division=division, name="金元新社区", short_name="", by=cast["bureau"])
    approvals.require_second_person(division=Division.objects.get(pk="211302"), required=True, by=cast["bureau"])
    approvals.require_second_person(division=Division.objects.get(pk="211302"), required=False, by=cast["bureau"])
    target = Target.objects.get(pk="T1")
    paper = Paper("调整通知", day("2014-10-01"), "延期")
    version = add_version(target=target, asked=Asked(280_000_000, day("2015-06-30")), paper=paper, by=cast["bureau"])
    withdraw_version(version=version, reason="误", by=cast["bureau"])
    divide(
        target=target, parts=[PartGiven(Division.objects.get(pk="211302"), Asked(100_000_000, day("2014-12-31")))],
        paper=paper, by=cast["bureau"],
    )  # fmt: skip

    lines = {kind: client.get(f"/settings/history/?kind={kind}").context["lines"] for kind in changes.KINDS}
    said = {kind: [(line.edit.what, *line.edit.details[:1]) for line in found] for kind, found in lines.items()}
    rule = next(line for line in lines["rules"] if line.about == RULE["name"])
    assert (rule.edit.by.username, rule.address) == ("bureau", "/settings/rules/")
    assert [line.about for line in lines["words"]] == ["弃管楼"] * 2
    assert ("—", "弃管小区") in [detail[1:] for line in lines["words"] for detail in line.edit.details]
    assert (was, "金元新社区") in [detail[1:] for detail in lines["divisions"][0].edit.details]
    assert len(said["second_persons"]) == 2
    shown = [detail for line in lines["targets"] for detail in line.edit.details]
    assert any("280.00" in after for _label, _before, after in shown)
    assert any("100.00" in after for _label, _before, after in shown)
    assert lines["targets"][0].address == "/targets/T1/"
    assert all(line.about for found in lines.values() for line in found)


def test_the_history_has_the_milestones_that_were_entered_with_a_version(as_, cast):
    county, paper = Division.objects.get(pk="211302"), Paper("分解表", day("2014-10-01"), "分解")
    due, year_end = ((day("2014-11-30"), 50_000_000),), day("2014-12-31")
    add_version(
        target=Target.objects.get(pk="T1"), asked=Asked(280_000_000, year_end, milestones=due), paper=paper,
        by=cast["bureau"],
    )  # fmt: skip
    divide(
        target=Target.objects.get(pk="T1"), parts=[PartGiven(county, Asked(100_000_000, year_end, milestones=due))],
        paper=paper, by=cast["bureau"],
    )  # fmt: skip
    divide(
        target=Target.objects.get(pk="T4"), by=cast["bureau"], paper=paper,
        parts=[PartGiven(county, Asked(20, year_end, milestones=((day("2014-11-30"), 8),)))],
    )  # fmt: skip
    lines = as_("bureau").get("/settings/history/?kind=targets").context["lines"]
    told = [[detail for detail in line.edit.details if "2014-11-30" in detail[0]] for line in lines]
    area = [("节点 2014-11-30", "—", "50.00 万㎡")]
    assert told == [[("节点 2014-11-30", "—", "8")], area, area]


#: What the audit log has of other models, and where that is read.
TOLD_ELSEWHERE = {
    "Milestone": "with the version that it was entered with", "TargetPart": "by its versions",
    "User": "in the log of rights", "Appointment": "in the log of rights", "Compound": "on its page",
    "Building": "on the page of its compound", "KnownApart": "on the page of duplicates",
    "Attachment": "on the page of its compound", "Proposal": "on its page",
    "Tender": "on the page of its procedure", "FeeYear": "on the page of its procedure",
    "Pilot": "on its page", "ServicePoint": "on the page of its procedure",
    "ColumnMapping": "remembered by imports, on a page of their own", "MappedColumn": "with its mapping",
}  # fmt: skip


def test_whatever_is_logged_is_in_the_history_of_settings_or_read_elsewhere():
    logged = {model.__name__ for model in auditlog.get_models()}
    assert logged == {model.__name__ for model in changes.KIND_OF} | TOLD_ELSEWHERE.keys()


def test_the_history_is_filtered_by_person_and_paged_newest_first(as_, cast):
    for number in range(60):
        words.add(field="category", word=f"词{number:02d}", meaning="abandoned", by=cast["admin"])
    client = as_("auditor")
    first = client.get("/settings/history/?who=admin").context
    assert (len(first["lines"]), first["page_obj"].paginator.count) == (50, 60)
    assert first["lines"][0].about == "词59"
    assert len(client.get("/settings/history/?who=admin&page=99").context["lines"]) == 10
    assert not client.get("/settings/history/?who=committee").context["lines"]
    assert client.get("/settings/history/?kind=planet").status_code == 400


@pytest.mark.parametrize(
    "address", ["/settings/", "/settings/rules/", "/settings/history/", "/settings/history/?kind=words&who=a"]
)
def test_each_page_takes_few_queries(as_, address, django_assert_max_num_queries):
    client = as_("bureau")
    with django_assert_max_num_queries(25):
        assert client.get(address).status_code == 200
