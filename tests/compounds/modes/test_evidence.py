"""A takeover from the day on that the bureau names needs the key evidence of its procedure, or a reason."""

import pytest

from compounds.ledger.models import Entry
from compounds.modes import evidence, services
from compounds.modes.models import EvidenceRule
from tests.compounds.imports.workbooks import grid, ran, write
from tests.support import day, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(cast):
    """Takeovers from 2015-01-01 on need it."""
    return services.set_evidence_rule(
        valid_from=day("2015-01-01"), is_asked=True, document="通知", by=cast["bureau"]
    )  # fmt: skip


def flagged() -> list[str]:
    entries = Entry.objects.select_related("compound")
    return [str(one.effective_on) for one in entries if one.height in evidence.lacking(entries)]


def test_nothing_is_asked_before_the_bureau_asks(compound):
    record("takeover", "2015-02-01", "甲", mode_to="professional")
    assert flagged() == []


def test_older_takeovers_are_left_alone_and_later_ones_carry_a_mark(compound, asked, cast):
    record("takeover", "2014-12-31", "甲", mode_to="owners", m2=100)
    record("takeover", "2015-01-01", "甲", mode_to="professional", m2=100)
    assert flagged() == ["2015-01-01"]
    services.set_evidence_rule(valid_from=day("2015-06-01"), is_asked=False, document="", by=cast["bureau"])
    record("takeover", "2015-06-01", "甲", mode_to="professional", m2=100)
    assert flagged() == ["2015-01-01"]


def test_the_mark_goes_when_the_key_evidence_of_that_mode_comes(compound, asked, begin, go_on):
    record("takeover", "2015-02-01", "甲", mode_to="community")
    procedure = go_on(begin(kind="P4.2d", mode="community"))
    assert flagged() == ["2015-02-01"]
    go_on(procedure)
    assert flagged() == []


def test_that_of_another_mode_does_not_do(compound, asked, begin, go_on):
    go_on(begin(kind="P4.2d", mode="community"), 4)
    record("takeover", "2015-02-01", "甲", mode_to="professional")
    assert flagged() == ["2015-02-01"]


def test_the_form_asks_for_the_reason(as_, compound, asked):
    county = as_("county")
    address = "/compounds/甲/record/takeover/"
    form = county.get(address).context["form"]
    sent = {
        "key": str(form["key"].value()), "effective_on": "2015-02-01", "precision": "day", "pocket": "abandoned:none",
        "mode_to": "professional", "step": "confirm",
    }  # fmt: skip
    answer = county.post(address, sent)
    assert "reason" in answer.context["form"].errors
    assert not Entry.objects.filter(kind="takeover").exists()
    county.post(address, sent | {"reason": "业委会换届,材料后补"})
    entry = Entry.objects.get(kind="takeover")
    assert "缺关键材料" in county.get("/compounds/甲/").content.decode()
    assert "业委会换届" in county.get(f"/entries/{entry.height}/").content.decode()
    again = county.post(f"/entries/{entry.height}/correct/", sent | {"why": "误", "action": "replace"})
    assert "reason" in again.context["form"].errors


def test_the_form_asks_nothing_where_the_evidence_is_there(as_, compound, asked, begin, go_on):
    go_on(begin(kind="P4.2d", mode="community"), 2)
    address, county = "/compounds/甲/record/takeover/", as_("county")
    sent = {
        "key": str(county.get(address).context["form"]["key"].value()), "effective_on": "2015-02-01",
        "precision": "day", "pocket": "abandoned:none", "mode_to": "community", "step": "confirm",
    }  # fmt: skip
    assert county.post(address, sent).status_code == 302


def test_programs_are_asked_as_pages_are(as_, compound, asked):
    body = {"kind": "takeover", "compound": "甲", "effective_on": "2015-02-01", "mode_to": "professional"}

    def hand_in(key, **more):
        return as_("county").post(
            "/api/v1/ledger/entries/", body | more, content_type="application/json", headers={"Idempotency-Key": key}
        )

    answer = hand_in("1")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reason")
    assert hand_in("2", reason="材料后补").status_code == 201


def test_workbooks_are_warned(compound, asked, tmp_path):
    first = {"小区编号": "甲", "变更类型": "接管", "新管理模式": "业主自行管理"}
    rows = [
        first | {"发生日期": "2014-12-01", "面积(㎡)": 10}, first | {"发生日期": "2015-02-01", "面积(㎡)": 20},
        first | {"发生日期": "2015-03-01", "面积(㎡)": 30, "变更原因": "材料后补"},
    ]  # fmt: skip
    answer, result = ran("import_entries", write(tmp_path / "变更.xlsx", grid(rows)))
    assert (answer.code, result["posted"], result["errors"]) == (0, 3, [])
    assert [finding["row"] for finding in result["warnings"]] == [3]


def test_the_bureau_sets_it_by_clicks(as_, cast):
    sent = {"valid_from": "2015-01-01", "is_asked": "1", "document": "通知"}
    as_("bureau").post("/settings/takeovers/", sent)
    rule = EvidenceRule.objects.get()
    assert (rule.valid_from, rule.is_asked, rule.recorded_by) == (day("2015-01-01"), True, cast["bureau"])
    assert "已有规则" in as_("bureau").post("/settings/takeovers/", sent).content.decode()
    as_("bureau").post("/settings/takeovers/", sent | {"valid_from": "2015-05-01", "is_asked": "0"})
    assert EvidenceRule.objects.filter(is_asked=False).exists()
