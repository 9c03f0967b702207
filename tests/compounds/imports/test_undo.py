"""撤销导入: what an import did is taken back as a whole, and its file can be imported again."""

from collections.abc import Iterable

import pytest
from auditlog.models import LogEntry
from django.db.models import Sum

from compounds.imports import undo
from compounds.imports.choices import RunState
from compounds.imports.models import ImportRun
from compounds.imports.trail import cid_of_undo
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register import selectors, services
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.structure.models import KnownApart
from tests.compounds.imports.workbooks import Files, Row, counts, stored
from tests.support import JINYUAN, QIANJIN, ask, day, record, reverse

DATES = [day(text) for text in ("2014-01-01", "2014-05-01", "2014-08-01", "2015-03-01", "2016-12-31")]
A = {"小区编号": "A1", "小区名称": "华园城市", "社区": JINYUAN}
B = {"小区编号": "A2", "小区名称": "翠湖花园", "社区": QIANJIN}
AREA = {"建筑面积(㎡)": 20000, "户数": 200, "小区类别": "弃管"}
TAKEOVER = {"小区编号": "A1", "变更类型": "接管", "发生日期": "2014-05-01", "新管理模式": "专业物业", "面积(㎡)": 8000}
#: Takes the takeover back that was posted as version 2.
WITHDRAWAL = {"变更类型": "更正", "发生日期": None, "原数据版次": 2, "变更原因": "误报"}


def balances(height: int | None = None, dates: Iterable = DATES) -> dict:
    """Every pocket at every date, at the newest or an older height; by the compound's name, for codes may be new."""
    height = LedgerHead.objects.get().height if height is None else height
    found = {}
    for on in dates:
        rows = Posting.objects.filter(effective_on__lte=on, entry__lte=height).order_by()
        rows = rows.values_list("compound__name", "community", "category", "mode")
        for *pocket, area, homes in rows.annotate(area=Sum("area_dm2"), homes=Sum("households")):
            if area or homes:
                found[on, *pocket] = (area, homes)
    return found


def newest_run() -> ImportRun:
    return ImportRun.objects.latest("created_at")


def take_back(run: ImportRun | None = None, reason: str = "传错了文件") -> ImportRun:
    run = undo.undo(run=run or newest_run(), reason=reason, by=None)
    report = verify()
    assert report.ok, report.findings
    return run


def refusal(run: ImportRun) -> list[str]:
    """The reasons of an undo that must be refused and write nothing."""
    before = stored()
    with pytest.raises(Refused) as refused:
        undo.undo(run=run, reason="传错了文件", by=None)
    assert stored() == before
    run.refresh_from_db()
    assert run.state == RunState.POSTED
    return [problem.message for problem in refused.value.problems]


# --- entries ---------------------------------------------------------------------------------------------
def test_figures_are_as_before_and_stay_what_they_were_at_older_versions(files: Files):
    files.register(A | AREA)
    before = balances()
    files.change(TAKEOVER, TAKEOVER | {"发生日期": "2014-08-01", "面积(㎡)": 1000})
    meanwhile, height = balances(), LedgerHead.objects.get().height
    run = take_back()
    assert balances() == before
    assert balances(height) == meanwhile
    assert balances(run.first_height - 1) == before
    reversals = Entry.objects.filter(height__gt=height)
    assert [entry.reverses_id for entry in reversals] == [3, 2]
    assert {(entry.source, entry.reason) for entry in reversals} == {(Source.IMPORT_UNDO, "传错了文件")}
    assert all(str(run.pk) in entry.source_ref for entry in reversals)
    assert (run.undo_first_height, run.undo_last_height) == (4, 5)
    assert run.undo_result["reversed"] == 2
    assert run.undo_result["adds_managed"] == -900_000
    assert run.undo_result["adds_total"] == 0


def test_the_corrected_file_and_the_same_file_can_be_imported_afterwards(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER)
    right = balances()
    take_back()
    assert files.change(TAKEOVER | {"面积(㎡)": 9000})["posted"] == 1
    take_back()
    assert files.change(TAKEOVER)["posted"] == 1
    assert balances() == right


def test_what_was_corrected_since_is_not_reversed_twice(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER, TAKEOVER | {"发生日期": "2014-08-01", "面积(㎡)": 1000})
    reverse(2)
    assert take_back().undo_result["reversed"] == 1


def test_every_later_entry_that_builds_on_it_is_named(files: Files):
    files.register(A | AREA, B | AREA)
    run = newest_run()
    record("takeover", "2014-05-01", "A1", mode_to="professional", m2=8000)
    record("lapse", "2014-08-01", "A1", m2=3000)
    record("takeover", "2015-03-01", "A2", mode_to="owners", m2=1)
    reasons = refusal(run)
    assert len(reasons) == 3
    named = [("华园城市", "3", "2014-05-01"), ("华园城市", "4", "2014-08-01"), ("翠湖花园", "5", "2015-03-01")]
    for reason, facts in zip(reasons, named, strict=True):
        assert all(fact in reason for fact in facts), reason
    assert [problem.value for problem in undo.preview(run).problems] == [3, 4, 5]
    for height in (5, 4, 3):
        reverse(height)
    take_back(run)
    assert balances() == {}


def test_an_import_that_builds_on_it_is_named_and_undone_first(files: Files):
    files.register(A | AREA)
    first = newest_run()
    files.change(TAKEOVER)
    second = newest_run()
    assert all(second.filename in reason for reason in refusal(first))
    take_back(second)
    take_back(first)
    assert balances() == {}


def test_entries_recorded_since_that_do_not_need_it_stay(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER | {"发生日期": "2014-08-01"})
    record("takeover", "2014-05-01", "A1", mode_to="owners", m2=2000)
    take_back()
    assert balances()[day("2016-12-31"), "华园城市", JINYUAN, "abandoned", "owners"] == (200_000, 20)
    assert Compound.objects.get(code="A1").status == Status.ACTIVE


def test_an_order_is_found_in_which_the_ledger_works_at_every_version(files: Files):
    """What was withdrawn comes back before what replaced it goes, or after it: as the entries around it need."""
    files.register(A | AREA)
    files.change(TAKEOVER)
    before = balances()
    again = {"小区编号": "A1", "变更类型": "新增登记", "发生日期": "2014-01-01", "小区类别": "弃管"}
    files.change(again | {"面积(㎡)": 9000, "户数": 90}, WITHDRAWAL | {"原数据版次": 1})
    take_back()
    assert balances() == before
    files.change(
        WITHDRAWAL,
        TAKEOVER | {"发生日期": "2014-08-01", "面积(㎡)": 20000, "新管理模式": "自助"},
    )  # fmt: skip
    take_back()
    assert balances() == before


def test_a_correction_that_the_import_posted_is_taken_back_by_recording_anew(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER)
    original, before = newest_run(), balances()
    files.change(WITHDRAWAL, TAKEOVER | {"面积(㎡)": 500})
    run = take_back()
    assert balances() == before
    assert (run.undo_result["reversed"], run.undo_result["recorded_anew"]) == (1, 1)
    anew = Entry.objects.get(kind="takeover", reversed_by__isnull=True)
    assert (anew.source, anew.area_dm2, anew.source_key) == (
        Source.IMPORT_UNDO, 800_000, Entry.objects.get(height=2).source_key,
    )  # fmt: skip
    assert counts(files.change(TAKEOVER)) == (0, 0, 1, 0, 0)
    take_back(original)  # what was recorded anew belongs to the import that brought it first
    assert {pocket[-1] for pocket in balances()} == {"none"}


def test_what_stands_again_already_is_not_recorded_anew(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER)
    files.change(WITHDRAWAL)
    wrong = newest_run()
    files.change(TAKEOVER)
    assert take_back(wrong).undo_result["recorded_anew"] == 0
    assert balances()[day("2016-12-31"), "华园城市", JINYUAN, "abandoned", "professional"] == (800_000, 80)


def test_a_correction_whose_area_somebody_has_used_since_is_refused(files: Files):
    files.register(A | AREA)
    files.change(TAKEOVER)
    files.change(WITHDRAWAL)
    record("takeover", "2014-05-01", "A1", mode_to="owners", m2=20000)
    (reason,) = refusal(newest_run())
    assert "华园城市" in reason
    assert "2014-05-01" in reason


@pytest.mark.parametrize(
    "rows",
    [
        [{"小区编号": "A1", "变更类型": "合并", "发生日期": "2014-05-01", "目标小区": "A3"}],
        [{"小区编号": "A1", "变更类型": "归属调整", "发生日期": "2014-05-01", "新社区": QIANJIN}],
        [{"小区编号": "A1", "变更类型": "注销", "发生日期": "2014-05-01", "依据名称": "拆迁"}],
        [
            {"小区编号": "A1", "变更类型": "拆分", "发生日期": "2014-05-01", "目标小区": "新一", "面积(㎡)": 5000},
            {"小区编号": "A1", "变更类型": "拆分", "发生日期": "2014-05-01", "目标小区": "待分", "面积(㎡)": 6000},
        ],
    ],
    ids=["merge", "relocate", "deregister", "split"],
)
def test_compounds_are_what_they_were(files: Files, rows: list[Row]):
    files.register(
        A | AREA, A | AREA | {"小区编号": "A3", "小区名称": "西苑"}, A | {"小区编号": "A4", "小区名称": "待分"}
    )

    def states() -> dict:
        rows = Compound.objects.exclude(import_undone=True)
        return {row[0]: row for row in rows.values_list("code", "community", "status", "merged_into", "has_area")}

    before, figures = states(), balances()
    files.change(*rows)
    after = balances()
    take_back()
    assert (states(), balances()) == (before, figures)
    files.change(*rows)
    assert balances() == after


# --- facts -----------------------------------------------------------------------------------------------
def test_facts_go_back_unless_somebody_changed_them_since(files: Files, bureau):
    files.register(A | AREA | {"联系人": "张三", "联系电话": "2811001", "收缴率": "85.5%"})
    files.register(
        {**A, "小区名称": "华园新城", "联系人": "李四", "联系电话": "2811002", "收缴率": "90%", "建成年份": 1998,
         "业委会届满日": "2017-05-01"}
    )  # fmt: skip
    compound = Compound.objects.get(code="A1")
    services.update_facts(compound=compound, changes={"contact": "王五"}, by=bureau)
    planned = undo.preview(newest_run())
    assert {(back.compound.code, back.field) for back in planned.restoring.back()}
    run = take_back()
    compound.refresh_from_db()
    assert (compound.name, compound.normalised_name, compound.former_names) == ("华园城市", "华园城市", "")
    assert compound.initials == "hycs"
    assert (compound.contact, compound.phone, str(compound.collection_rate)) == ("王五", "2811001", "85.50")
    assert (compound.built_year, compound.committee_term_ends) == (None, None)
    (kept,) = run.undo_result["facts_kept"]
    assert (kept["code"], kept["field"]) == ("A1", "联系人")
    assert (run.undo_result["facts_restored"], run.undo_result["reversed"]) == (1, 0)
    entry = LogEntry.objects.get(cid=cid_of_undo(run.pk))
    assert entry.changes["phone"] == ["2811002", "2811001"]
    assert "华园新城" in str(selectors.edits(compound)[0].details)


def test_the_community_of_a_pending_compound_goes_back(files: Files):
    files.register(A)
    files.register(A | AREA | {"社区": QIANJIN})
    take_back()
    compound = Compound.objects.get(code="A1")
    assert (compound.community_id, compound.has_area, compound.status) == (JINYUAN, False, Status.ACTIVE)


# --- compounds -------------------------------------------------------------------------------------------
def test_created_compounds_are_withdrawn_and_count_nowhere(files: Files):
    files.register(A | AREA | {"联系人": "张三"}, B)
    run = take_back()
    assert run.undo_result["retired"] == 2
    for compound in Compound.objects.all():
        assert (compound.status, compound.import_undone, compound.has_area) == (Status.RETIRED, True, False)
        assert compound.contact == ""
        assert not Compound.objects.area_pending().exists()
    assert not selectors.possible_duplicates(community=JINYUAN, name="华园城市小区")
    assert LogEntry.objects.filter(cid=cid_of_undo(run.pk)).count() == 2


def test_by_its_code_a_withdrawn_compound_is_taken_up_again_with_the_facts_of_the_file(files: Files):
    files.register(A | AREA | {"联系人": "张三", "地址": "错的"})
    pk = Compound.objects.get().pk
    take_back()
    result = files.register(
        A | AREA | {"小区名称": "华园新城", "社区": QIANJIN, "建筑面积(㎡)": 21000, "联系人": "李四"}
    )
    assert counts(result) == (0, 1, 0, 1, 0)
    compound = Compound.objects.get()
    assert (compound.pk, compound.status, compound.import_undone) == (pk, Status.ACTIVE, False)
    assert (compound.name, compound.former_names, compound.contact, compound.address) == ("华园新城", "", "李四", "")
    assert {pocket[2]: area for pocket, (area, _homes) in balances().items()} == {QIANJIN: 2_100_000}
    entry = LogEntry.objects.filter(object_id=pk).latest("pk")
    assert entry.changes["status"] == ["retired", "active"]
    take_back()
    compound.refresh_from_db()
    assert (compound.name, compound.status, compound.import_undone) == ("华园城市", Status.RETIRED, True)


def test_by_its_code_it_is_taken_up_again_without_area_too(files: Files):
    files.register(A)
    take_back()
    assert counts(files.register(A)) == (0, 1, 0, 0, 1)
    assert Compound.objects.area_pending().count() == 1


def test_a_row_that_is_refused_leaves_it_withdrawn(files: Files):
    files.register(A | AREA)
    take_back()
    files.register_refused(A | AREA | {"管理模式": "专业物业"})
    assert Compound.objects.get(code="A1").import_undone


def test_without_codes_the_corrected_file_creates_compounds_under_free_codes(files: Files):
    rows = [
        {key: value for key, value in row.items() if key != "小区编号"} | AREA for row in (A, A | {"小区名称": "西苑"})
    ]
    files.register(*rows)
    before = balances()
    take_back()
    assert counts(files.register(*rows)) == (2, 0, 0, 2, 0)
    assert balances() == before
    codes = list(Compound.objects.values_list("code", "status"))
    assert codes == [
        (f"{JINYUAN}-001", "retired"), (f"{JINYUAN}-002", "retired"), (f"{JINYUAN}-003", "active"),
        (f"{JINYUAN}-004", "active"),
    ]  # fmt: skip


def test_a_duplicate_that_was_withdrawn_by_hand_is_still_refused(files: Files, bureau):
    files.register(A)
    services.retire(compound=Compound.objects.get(), by=bureau)
    files.register_refused(A | AREA)
    take_back()
    files.register_refused(A | AREA)
    assert not Compound.objects.get().import_undone


def test_a_withdrawn_compound_takes_no_registration_but_by_the_register(files: Files):
    files.register(A)
    take_back()
    result = files.change_refused(
        {"小区编号": "A1", "变更类型": "新增登记", "发生日期": "2014-01-01", "小区类别": "弃管", "面积(㎡)": 5}
    )
    assert "台账" in result["errors"][0]["message"]


def test_a_split_takes_up_by_code_what_its_first_import_had_created(files: Files):
    files.register(A | AREA)
    split = {"小区编号": "A1", "变更类型": "拆分", "发生日期": "2014-05-01", "目标小区": "新一", "面积(㎡)": 5000}
    files.change(split)
    code = Compound.objects.get(name="新一").code
    take_back()
    assert Compound.objects.get(code=code).import_undone
    files.change_refused(split | {"目标小区": code, "面积(㎡)": 50_000})
    assert Compound.objects.get(code=code).import_undone
    files.change(split | {"目标小区": code})
    compound = Compound.objects.get(code=code)
    assert (compound.status, compound.has_area, Compound.objects.count()) == (Status.ACTIVE, True, 2)
    take_back()
    compound.refresh_from_db()
    assert (compound.status, compound.import_undone) == (Status.RETIRED, True)


def test_a_compound_that_is_used_since_stays_and_is_reported(files: Files):
    files.register(A | {"联系人": "张三"}, B)
    record("register", "2014-05-01", "A1", community=JINYUAN, category="abandoned", mode_to="none", m2=100)
    run = take_back()
    (staying,) = run.undo_result["staying"]
    assert (staying["code"], run.undo_result["retired"]) == ("A1", 1)
    assert "2014-05-01" in staying["why"]
    compound = Compound.objects.get(code="A1")
    assert (compound.status, compound.contact) == (Status.ACTIVE, "张三")


def test_a_remark_about_a_compound_does_not_keep_it(files: Files, bureau):
    files.register(A, B)
    first, second = Compound.objects.order_by("pk")
    KnownApart.objects.create(first=first, second=second, said_by=bureau)
    assert take_back().undo_result["retired"] == 2


def test_a_compound_that_other_rows_point_to_stays(files: Files, monkeypatch):
    files.register(A, B)
    pointing = {Compound.objects.get(code="A2").pk: "扫描件"}
    monkeypatch.setattr("compounds.imports.restoring.used_elsewhere", lambda keys: pointing)
    (staying,) = take_back().undo_result["staying"]
    assert (staying["code"], "扫描件" in staying["why"]) == ("A2", True)


# --- what cannot be undone -------------------------------------------------------------------------------
def test_an_import_is_undone_once(files: Files):
    files.register(A | AREA)
    run, height = take_back(), LedgerHead.objects.get().height
    with pytest.raises(Refused, match="撤销"):
        undo.undo(run=run, reason="再来一次", by=None)
    assert LedgerHead.objects.get().height == height


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_reason_is_needed(files: Files, reason: str):
    files.register(A | AREA)
    with pytest.raises(Refused):
        undo.undo(run=newest_run(), reason=reason, by=None)
    assert newest_run().state == RunState.POSTED


def test_an_import_from_before_versions_were_kept_says_so(files: Files):
    files.register(A | AREA)
    ImportRun.objects.update(first_height=None, last_height=None)
    with pytest.raises(Refused, match="更正"):
        undo.preview(newest_run())


def test_a_preview_writes_nothing(files: Files):
    files.register(A | AREA | {"联系人": "张三"}, B)
    before = stored()
    planned = undo.preview(newest_run())
    assert stored() == before
    assert (planned.taking.reversed, len(planned.restoring.retired), planned.problems) == (1, 2, [])
    assert planned.as_dict() == take_back().undo_result


# --- by command ------------------------------------------------------------------------------------------
def test_the_command_undoes_and_says_what_it_did(files: Files):
    files.register(A | AREA)
    run = newest_run()
    dry = ask("undo_import", str(run.pk), "--dry-run", "--format", "json")
    assert (dry.code, dry.json["height"], dry.json["reversed"]) == (0, 1, 1)
    answer = ask("undo_import", str(run.pk), "--reason", "传错了文件", "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    assert {name: answer.json[name] for name in ("run", "reversed", "retired", "adds_total_m2", "height")} == {
        "run": str(run.pk), "reversed": 1, "retired": 1, "adds_total_m2": -20000, "height": 2,
    }  # fmt: skip
    run.refresh_from_db()
    assert (run.state, run.undone_by, run.undo_reason) == (RunState.UNDONE, None, "传错了文件")


def test_the_command_refuses_with_reasons(files: Files):
    files.register(A | AREA)
    run = newest_run()
    record("takeover", "2014-05-01", "A1", mode_to="owners", m2=1)
    for options in (["--reason", "错"], ["--dry-run"], []):
        answer = ask("undo_import", str(run.pk), *options, "--format", "json")
        assert answer.code == 1
        assert answer.json["errors"][0]["message"] in answer.err
    for unknown in ("4711", "11111111-1111-1111-1111-111111111111"):
        assert ask("undo_import", unknown, "--reason", "错").code == 1


def test_the_command_lists_imports_with_their_ids(files: Files):
    files.register(A | AREA)
    assert str(newest_run().pk) in ask("undo_import").out
    assert ask("undo_import", "--format", "json").json[0]["first_height"] == 1
