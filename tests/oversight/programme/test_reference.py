"""Reference data, counting rules and the lock of the baseline."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from communities.divisions.models import Division
from oversight.programme import changes, selectors
from oversight.programme.models import Baseline, Clause, CountingRule, Programme, Target, TargetVersion
from oversight.programme.services import BaselineRefused, load_reference, lock_baseline
from tests.support import ask, day, dm2, register

MODELS = [Division, Programme, Clause, Target, TargetVersion, CountingRule]


def contents() -> dict[str, list]:
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    through = Target.divisions.through.objects
    return found | {"divisions of targets": sorted(through.values_list("target_id", "division_id"))}


def test_loading_counts_what_it_creates_and_again_changes_nothing(db):
    created = load_reference()
    assert created.items() >= {"divisions": 1749, "programmes": 1, "clauses": 29, "targets": 8, "rules": 2}.items()
    before = contents()
    assert load_reference() == dict.fromkeys(created, 0)
    assert contents() == before


def test_what_came_in_with_the_reference_data_is_no_change_of_the_settings(db):
    load_reference()
    assert not changes.found().exists()
    assert changes.latest() == {}
    register("甲")
    lock_baseline(programme=Programme.objects.get(), by=None)
    assert [line.kind for line in changes.read(changes.found())] == [changes.KINDS["programme"][0]]


def test_the_command_says_what_it_created(db):
    first, second = ask("load_reference"), ask("load_reference")
    assert "divisions: +1749" in first.out
    assert {part.strip().rsplit("+")[1] for part in second.out.split(",")} == {"0"}


def test_the_bureaus_edits_stay(reference):
    Division.objects.filter(code="211302001003").update(name="金元一社区")
    Programme.objects.update(name="改名", starts_on="2014-02-01")
    Clause.objects.filter(code="P3.3").update(text="改")
    target = Target.objects.get(code="T1")
    target.name, target.categories = "改", ["abandoned"]
    target.save()
    target.divisions.set(["211302"])
    TargetVersion.objects.filter(target="T1").update(required_dm2=1, deadline="2015-06-30")
    TargetVersion.objects.create(target=target, valid_from="2015-01-01", required_dm2=2, deadline="2016-01-01")
    CountingRule.objects.filter(code="standard").update(name="改", modes=["owners"])
    before = contents()
    load_reference()
    assert contents() == before


def test_what_is_missing_is_created_again(reference):
    CountingRule.objects.filter(code="professional").delete()
    lost = Division.objects.filter(level="community").last()
    Division.objects.filter(code=lost.code).delete()
    created = load_reference()
    assert created == dict.fromkeys(created, 0) | {"divisions": 1, "rules": 1}
    assert Division.objects.get(code=lost.code).parent_id == lost.parent_id


def test_the_targets_are_those_of_the_document(reference):
    versions = {version.target_id: version for version in TargetVersion.objects.all()}
    assert (versions["T1"].required_dm2, versions["T1"].deadline) == (dm2(3_020_000), day("2014-12-31"))
    assert (versions["T2"].required_dm2, versions["T2"].deadline) == (dm2(11_000_000), day("2016-12-31"))
    assert {str(versions[code].deadline) for code in versions if code.startswith("T3")} == {"2017-06-30"}
    assert versions["T4"].deadline == day("2014-12-31")
    divisions = {target.code: [d.code for d in target.divisions.order_by("code")] for target in Target.objects.all()}
    assert divisions["T1"] == divisions["T2"] == ["211302", "211303"]
    assert divisions["T3-211324"] == ["211324"]
    assert Target.objects.get(code="T2").builds_on_id == "T1"
    programme = Programme.objects.get()
    assert str(programme.starts_on) == str(programme.baseline_on) == "2014-01-01"
    assert {target.clause_id for target in Target.objects.all()} == {"P3.2", "P3.3", "P3.4", "P4.1"}


# --- rules and versions by date ------------------------------------------------------------------------
def test_the_standard_rule_counts_all_five_managed_modes(reference):
    rule = selectors.rule_on("standard", day("2014-06-01"))
    assert selectors.counted_modes(rule) == ["professional", "manager", "owners", "self_help", "community"]
    assert selectors.rule_codes() == ["professional", "standard"]
    assert selectors.rule_on("nonsense", day("2014-06-01")) is None


def test_the_row_in_force_on_the_date_counts_and_the_first_one_before_all(reference):
    CountingRule.objects.create(code="standard", name="新", modes=["owners"], valid_from="2015-01-01")
    by_date = {on: selectors.rule_on("standard", day(on)).name for on in ("2010-01-01", "2014-12-31", "2015-01-01")}
    assert by_date == {"2010-01-01": "标准口径(五种模式)", "2014-12-31": "标准口径(五种模式)", "2015-01-01": "新"}
    TargetVersion.objects.create(target_id="T1", valid_from="2015-01-01", required_dm2=1, deadline="2015-12-31")
    target = selectors.targets(Programme.objects.get()).get(code="T1")
    assert selectors.version_on(target, day("2014-12-31")).required_dm2 == dm2(3_020_000)
    assert selectors.version_on(target, day("2015-01-01")).required_dm2 == 1
    assert selectors.version_on(target, day("2000-01-01")).required_dm2 == dm2(3_020_000)


@pytest.mark.parametrize("modes", [[], ["none"], ["owners", "物业"]])
def test_a_rule_counts_managed_modes_only(db, modes):
    with pytest.raises(ValidationError) as refused:
        CountingRule(code="x", name="x", modes=modes, valid_from="2014-01-01").full_clean()
    assert set(refused.value.message_dict) == {"modes"}


def test_a_target_takes_known_categories_only(reference):
    target = Target.objects.get(code="T1")
    target.categories = ["abandoned", "老旧"]
    with pytest.raises(ValidationError, match="老旧"):
        target.full_clean()


# --- baseline ------------------------------------------------------------------------------------------
def test_locking_the_baseline_fixes_the_newest_height_once(reference):
    programme = Programme.objects.get()
    with translation.override("en"), pytest.raises(BaselineRefused, match="import the register"):
        lock_baseline(programme=programme, by=None)
    register("甲")
    register("乙")
    assert lock_baseline(programme=programme, by=None).height == 2
    register("丙")
    with translation.override("en"), pytest.raises(BaselineRefused, match="locked already"):
        lock_baseline(programme=programme, by=None)
    assert Baseline.objects.get().height == 2
