"""Workbooks of several sheets: one per county, notes, summaries and hidden sheets among them."""

import openpyxl
import pytest
from django.utils.translation import override

from communities.divisions.models import Division
from compounds.imports.choices import Workbook
from compounds.imports.reading import read
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import accepted, places, ran, refused
from tests.kit.sheets.oldbooks import Page, book
from tests.support import HAIHE, JINYUAN, day

pytestmark = pytest.mark.django_db
HEADER = ["序号", "小区名称", "社区", "建筑面积(㎡)", "户数", "小区类别"]
ONE = [1, "华园城市", JINYUAN, 20000, 200, "弃管"]
TWO = [2, "翠湖花园", HAIHE, 30000, 300, "弃管"]


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def write(reference, tmp_path):
    """Writes sheets (name → rows) as .xlsx; ``merges`` and ``hidden`` by name."""

    def write(sheets, *, merges=(), hidden=(), name="台账.xlsx"):
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, rows in sheets.items():
            page = made.create_sheet(title)
            for row in rows:
                page.append(list(row))
            for merge in merges:
                page.merge_cells(merge)
            page.sheet_state = "hidden" if title in hidden else "visible"
        made.save(tmp_path / name)
        return tmp_path / name

    return write


def communities() -> dict[str, str]:
    return dict(Compound.objects.values_list("name", "community_id"))


def test_all_sheets_with_a_header_are_one_import(write):
    path = write({"双塔区": [HEADER, ONE], "龙城区": [["龙城区台账"], HEADER, TWO], "说明": [["请各区填报"]]})
    result = accepted("import_compounds", path)
    assert (result["rows"], result["created"], result["posted"]) == (2, 2, 2)
    assert communities() == {"华园城市": JINYUAN, "翠湖花园": HAIHE}
    assert [(one["sheet"], one["row"]) for one in result["warnings"]] == [("说明", None)]
    assert "is not read" in result["warnings"][0]["message"]
    assert sorted(Entry.objects.values_list("source_ref", flat=True)) == ["台账.xlsx 双塔区 #2", "台账.xlsx 龙城区 #3"]
    assert accepted("import_compounds", path)["unchanged"] == 2


def test_each_sheet_has_a_header_units_and_findings_of_its_own(write):
    other = ["社区", "小区名称", "户数", "建筑面积", "类别"]
    bad = [HAIHE, "翠湖花园", "很多", 3, "弃管"]
    good = [HAIHE, "海河花园", 30, 3, "弃管"]
    path = write(
        {"双塔区": [HEADER, [1, "华园城市", JINYUAN, "x", 1, "弃管"]], "龙城区": [["单位:万平方米"], other, bad, good]}
    )
    result = refused("import_compounds", path)
    where = [(error["sheet"], error["row"], error["column"]) for error in result["errors"]]
    assert where == [("双塔区", 2, "建筑面积(㎡)"), ("龙城区", 3, "户数")]
    answer, result = ran("import_compounds", path, "--skip-bad-rows")
    assert (answer.code, result["created"]) == (0, 1)
    assert Entry.objects.get().area_dm2 == 3_000_000


def test_the_same_row_on_two_sheets_is_said_and_counted_once(write):
    result = accepted("import_compounds", write({"甲": [HEADER, ONE], "乙": [HEADER, TWO, ONE]}))
    assert (result["created"], result["unchanged"]) == (2, 1)
    assert [(one["sheet"], one["row"], one["message"]) for one in result["warnings"]] == [
        ("乙", 3, "The same as row 2 (甲).")
    ]  # fmt: skip


def test_occurrences_are_counted_over_all_sheets(write):
    """The same change twice is two changes, on one sheet or on two (ledger.md, invariant 7)."""
    accepted("import_compounds", write({"甲": [HEADER, ONE]}))
    change = ["小区名称", "社区", "变更类型", "发生日期", "新物业公司"]
    once = ["华园城市", JINYUAN, "接管", "2014-05-01", "某物业"]
    again = ["华园城市", JINYUAN, "更换物业服务单位", "2014-06-01", "新物业"]
    path = write(
        {"一月": [[*change, "新管理模式"], [*once, "专业物业"]], "二月": [change, again], "三月": [change, again]}
    )
    assert accepted("import_entries", path)["posted"] == 3
    result = accepted("import_entries", path)
    assert (result["posted"], result["unchanged"]) == (0, 3)


def test_a_split_goes_on_at_the_top_of_the_next_sheet(write):
    """A long export is cut anywhere."""
    accepted("import_compounds", write({"甲": [HEADER, ONE]}))
    header = ["小区名称", "社区", "变更类型", "发生日期", "依据文号", "目标小区", "面积", "小区类别"]
    part = ["华园城市", JINYUAN, "拆分", "2014-06-01", "1号"]
    sheets = {"变更1": [header, [*part, "东院", 5000, "弃管"]], "变更2": [header, [*part, "西院", "x", "弃管"]]}
    said = refused("import_entries", write(sheets))["errors"]
    assert "row 2 (变更2)" in next(one["message"] for one in said if one["sheet"] == "变更1")
    sheets["变更2"][1][6] = 15000
    result = accepted("import_entries", write(sheets))
    assert (result["posted"], result["created"]) == (1, 2)


def test_sheets_and_titles_say_where_their_rows_lie(write):
    """振兴社区 lies in 双塔区 and in 北票市; the sheet's name and a title decide, a cell goes before both."""
    named, with_county = ["小区名称", "社区", "建筑面积(㎡)"], ["小区名称", "县区", "社区", "建筑面积(㎡)"]
    plain = [named, ["甲园", "振兴社区", 5000]]
    result = refused("import_compounds", write({"第一张": plain}))
    assert "can mean" in result["errors"][0]["message"]
    sheets = {
        "双塔": plain,
        "第二张": [["朝阳市北票市小区台账"], named, ["乙园", "振兴社区", 5000]],
        "北票市(二)": [with_county, ["丙园", "双塔区", "振兴社区", 5000], ["丁园", None, "蓬莱社区", 5000]],
    }
    accepted("import_compounds", write(sheets))
    assert {name: code[:6] for name, code in communities().items()} == {
        "甲园": "211302", "乙园": "211381", "丙园": "211302", "丁园": "211381",
    }  # fmt: skip


def test_a_row_alone_says_where_the_rows_below_it_lie(write):
    """振兴社区 lies in 双塔区 and in 北票市. A heading among the rows counts from there on, a cell goes before it."""
    header = ["序号", "小区名称", "县区", "街道", "社区", "建筑面积(㎡)"]

    def row(name, community="振兴社区", county=None, street=None):
        return [1, name, county, street, community, 5000]

    rows = [
        header, ["一、双塔区"], row("甲园"), row("乙园"), [None, None, None, None, "小计", 10000],
        ["二、北票市(2个小区)"], row("丙园"), row("丁园", county="双塔区"), [None, "双塔区"], row("戊园"),
    ]  # fmt: skip
    path = write({"全市": rows})
    outcome = read(workbook=Workbook.REGISTER, path=path, filename="x.xlsx", default_date=day("2014-01-01")).outcome
    assert (outcome.rows, outcome.skipped) == (5, [2, 5, 6, 9])
    assert [sheet["place"] for sheet in outcome.sheets] == ["双塔区, 北票市"]
    assert accepted("import_compounds", path)["created"] == 5
    assert {name: code[:6] for name, code in communities().items()} == {
        "甲园": "211302", "乙园": "211302", "丙园": "211381", "丁园": "211302", "戊园": "211302",
    }  # fmt: skip


def test_a_heading_goes_before_the_sheets_name_and_reaches_to_its_end(write):
    named = ["小区名称", "社区", "建筑面积(㎡)"]
    sheets = {
        "双塔区": [named, ["甲园", "振兴社区", 5000], ["北票市："], ["乙园", "振兴社区", 5000]],
        "其他": [["北票市小区台账"], named, ["丙园", "振兴社区", 5000]],
    }
    accepted("import_compounds", write(sheets))
    assert {name: code[:6] for name, code in communities().items()} == {
        "甲园": "211302", "乙园": "211381", "丙园": "211381",
    }  # fmt: skip


def test_a_heading_merged_across_the_table(write):
    named = ["序号", "小区名称", "社区", "建筑面积(㎡)"]
    rows = [named, ["双塔区"], [1, "甲园", "振兴社区", 5000], ["北票市"], [1, "乙园", "振兴社区", 5000]]
    accepted("import_compounds", write({"全市": rows}, merges=["A2:D2", "A4:D4"]))
    assert {name: code[:6] for name, code in communities().items()} == {"甲园": "211302", "乙园": "211381"}


def test_a_subdistrict_as_heading_is_one_of_the_county_above(write):
    """Two counties have one of the same name."""
    names = Division.objects.filter(level="subdistrict").values_list("name", "code")
    of: dict[str, list[str]] = {}
    for name, code in names:
        of.setdefault(name, []).append(code)
    name, (first, second, *_more) = next((name, codes) for name, codes in of.items() if len(codes) > 1)
    rows = [["序号", "小区名称", "社区", "建筑面积(㎡)"]]
    for number, code in enumerate((first, second)):
        county = Division.objects.get(code=code[:6])
        community = Division.objects.filter(parent=code).first()
        rows += [[county.name], [f"（{number}）{name}"], [1, f"园{number}", community.name, 5000]]
    accepted("import_compounds", write({"全市": rows}))
    assert {made: code[:9] for made, code in communities().items()} == {"园0": first, "园1": second}


@pytest.mark.parametrize("alone", ["双塔", "双塔区花园", "双塔区、龙城区", "朝阳市", "以下为双塔区", "某园"])
def test_what_is_no_name_of_a_county_or_subdistrict_is_no_heading(write, alone):
    """It may be a compound whose row was left unfinished: an error in a column that is read, nothing in another."""
    named = ["序号", "小区名称", "社区", "建筑面积(㎡)"]
    result = refused("import_compounds", write({"全市": [named, [None, alone], [1, "甲园", "振兴社区", 5000]]}))
    assert [(one["row"], one["column"]) for one in result["errors"]] == [(2, "社区"), (3, "社区")]
    result = refused("import_compounds", write({"全市": [named, [alone], [1, "甲园", "振兴社区", 5000]]}))
    assert [(one["row"], one["column"]) for one in result["errors"]] == [(3, "社区")]


def test_headings_among_changes(write):
    named = ["小区名称", "社区", "建筑面积(㎡)", "小区类别"]
    sheets = [named, ["双塔区"], ["甲园", "振兴社区", 5000, "弃管"], ["北票市"], ["甲园", "振兴社区", 700, "弃管"]]
    accepted("import_compounds", write({"全市": sheets}))
    change = ["小区名称", "社区", "变更类型", "发生日期", "新管理模式"]
    taken = ["甲园", "振兴社区", "接管", "2015-05-01", "专业物业"]
    result = accepted("import_entries", write({"全市": [change, ["双塔区"], taken, ["北票市"], taken]}))
    assert (result["posted"], len(result["errors"])) == (2, 0)
    assert {entry.compound.community_id[:6] for entry in Entry.objects.filter(kind="takeover")} == {"211302", "211381"}


def test_hidden_sheets_are_ignored(write):
    result = accepted("import_compounds", write({"甲": [HEADER, ONE], "旧": [HEADER, TWO]}, hidden=["旧"]))
    assert (result["rows"], result["warnings"]) == (1, [])


def test_a_sheet_that_lacks_a_needed_column_keeps_the_file_out(write):
    path = write({"甲": [HEADER, ONE], "乙": [["小区名称", "户数"], ["某园", 3]]})
    result = refused("import_compounds", path)
    assert [(one["sheet"], "社区" in one["message"]) for one in result["errors"]] == [("乙", True)]
    answer, result = ran("import_compounds", path, "--skip-bad-rows")
    assert (answer.code, result["created"]) == (0, 1)


def test_a_sheet_of_a_county_with_a_header_that_nobody_knows_is_no_note(write):
    odd = [["楼盘全称", "谁管", "建面"], ["蓬莱苑", "某", 12000]]
    result = refused("import_compounds", write({"双塔区": [HEADER, ONE], "北票市": odd}))
    assert [error["sheet"] for error in result["errors"]] == ["北票市"]
    assert accepted("import_compounds", write({"双塔区": [HEADER, ONE], "说明": odd}))["created"] == 1


def test_a_column_of_communities_is_known_whatever_it_is_called(write):
    rows = [["小区名称", "归谁管", "户数"], ["海河家园", "海河社区", 5], ["竹林苑", "竹林社区", 6]]
    path = write({"龙城区": rows})
    result = accepted("import_compounds", path)
    assert communities()["海河家园"] == HAIHE
    assert "“归谁管” is taken for “社区”" in result["warnings"][0]["message"]


def test_merged_communities_are_read_and_merged_amounts_are_not(write):
    rows = [HEADER, ONE, [2, "翠湖花园", None, 300, 30, "弃管"], [3, "东园", JINYUAN, 40000, 400, "弃管"]]
    result = refused("import_compounds", write({"甲": rows}, merges=["C2:C3", "D2:D3"]))
    assert places(result["errors"]) == [(2, "建筑面积(㎡)"), (3, "建筑面积(㎡)")]
    assert "merged over the rows 2 to 3" in result["errors"][0]["message"]
    accepted("import_compounds", write({"甲": rows}, merges=["C2:C3"]))
    assert communities()["翠湖花园"] == JINYUAN


def test_the_annotated_copy_marks_every_sheet(write, tmp_path):
    bad = [2, "翠湖花园", HAIHE, "许多", 300, "弃管"]
    path = write({"双塔区": [HEADER, [*ONE[:3], "x", 1, "弃管"]], "龙城区": [HEADER, bad], "说明": [["注"]]})
    refused("import_compounds", path, "--annotated", str(tmp_path / "out.xlsx"))
    copy = openpyxl.load_workbook(tmp_path / "out.xlsx")
    for name in ("双塔区", "龙城区"):
        assert [cell.coordinate for row in copy[name].iter_rows() for cell in row if cell.comment] == ["D2"]
        assert copy[name].cell(1, 7).value == "Check result"
    assert copy["说明"].max_column == 1
    listed = {row[5] for row in copy["Check summary"].iter_rows(values_only=True) if row[5]}
    assert listed == {"Sheet", "双塔区", "龙城区", "说明"}


def test_an_old_workbook_is_imported_and_its_copy_can_be_corrected(reference, tmp_path):
    path = tmp_path / "台账.xls"
    rows = [["双塔区台账"], HEADER, ONE, [2, "翠湖花园", None, "x", 30, "弃管"]]
    path.write_bytes(book(Page("双塔区", rows, merged=[(2, 3, 2, 2)]), Page("旧", [HEADER, TWO], state=1)))
    refused("import_compounds", path, "--annotated", str(tmp_path / "out.xlsx"))
    copy = openpyxl.load_workbook(tmp_path / "out.xlsx")
    page = copy["双塔区"]
    assert [cell.coordinate for row in page.iter_rows() for cell in row if cell.comment] == ["D4"]
    page["D4"] = 3000
    copy.save(tmp_path / "again.xlsx")
    result = accepted("import_compounds", tmp_path / "again.xlsx")
    assert (result["created"], communities()) == (2, {"华园城市": JINYUAN, "翠湖花园": JINYUAN})


def test_the_copy_of_an_old_workbook_says_that_formats_are_lost_and_keeps_the_sheets_order(reference, tmp_path):
    path = tmp_path / "台账.xls"
    path.write_bytes(book(Page("说明", [["请填报"]]), Page("双塔区", [HEADER, [*ONE[:3], "x", 1, "弃管"]])))
    refused("import_compounds", path, "--annotated", str(tmp_path / "out.xlsx"))
    copy = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert copy.sheetnames == ["说明", "双塔区", "Check summary"]
    said = {row[0]: row[1] for row in copy["Check summary"].iter_rows(values_only=True)}
    assert "formats are lost" in said["Copy"]
