"""A county's plan in a real browser: template, mistakes, the sheet, the bureau's remarks, approval here and there."""

import io
import re
from collections.abc import Callable

import openpyxl

from tests.e2e.people import Tab
from tests.e2e.test_journeys import path, press

COUNTY, OTHER = "211322", "211303"


def cell(tab: Tab, line: int, key: str):
    """A cell of the sheet by the number of its line."""
    number = tab.page.locator(".tabulator-cell[tabulator-field=line]").get_by_text(str(line), exact=True)
    return tab.page.locator(".tabulator-row").filter(has=number).locator(f"[tabulator-field={key}]")


def template(tab: Tab, county: str, fill: Callable[[int, dict[str, str]], None]) -> bytes:
    """The template as the page gives it, each row filled in."""
    tab.open("/plans/")
    with tab.page.expect_download() as download:
        tab.page.click(f"a[href='/plans/counties/{county}/template/']")
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = book.worksheets[0]
    heads = {head.value.rstrip("*"): head.column for head in sheet[2]}
    for number in range(3, sheet.max_row + 1):
        row: dict[str, str] = {}
        fill(number, row)
        for head, text in row.items():
            sheet.cell(number, heads[head]).value = text
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def hand_in(tab: Tab, county: str, content: bytes) -> None:
    tab.open(f"/plans/counties/{county}/workbook/")
    tab.page.set_input_files("[name=file]", {"name": "方案.xlsx", "mimeType": "", "buffer": content})
    if tab.page.locator("[name=reason]").count():
        tab.page.fill("[name=reason]", "任务调整")
    press(tab, ".canvas form [type=submit]")


def submit(tab: Tab, number: str) -> None:
    press(tab, ".canvas a[href$='/submit/']")
    tab.page.fill("[name=document_no]", f"政发〔2015〕{number}号")
    tab.page.fill("[name=signatory]", "王某")
    if tab.page.locator("[name=words]").count():
        tab.page.fill("[name=words]", "已逐项核实")
    press(tab, ".canvas form [type=submit]")
    assert "已报送市房产局" in tab.page.inner_text(".canvas")


def good(number: int, row: dict[str, str]) -> None:
    quarter = ("2015年4季度", "2016年1季度", "2016年2季度", "2016年3季度")[number % 4]
    row |= {"拟采用管理模式": "委托社区管理", "计划完成时间": quarter, "责任人": "张某", "试点": "是"}


def bad(number: int, row: dict[str, str]) -> None:
    good(number, row)
    if number == 3:
        row["计划完成时间"] = "明年"
    if number == 4:
        row["责任人"] = ""


def test_a_plan_from_the_template_to_its_line_in_the_chart(browsers):
    with browsers.of(f"county_{COUNTY}") as county:
        hand_in(county, COUNTY, template(county, COUNTY, bad))
        assert "“明年”" in county.page.inner_text(".canvas")
        with county.page.expect_download() as download:
            county.page.click("a[href$='/remarks/']")
        assert (
            "明年"
            in openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets[0]["F3"].comment.text
        )
        press(county, ".canvas .actions a.btn-primary")
        version = path(county)
        press(county, f".canvas a[href='{version}sheet/']")
        county.page.wait_for_selector(".tabulator-row")
        for line, key, text in ((3, "planned_for", "2015年4季度"), (4, "person", "李某")):
            cell(county, line, key).scroll_into_view_if_needed()
            cell(county, line, key).click()
            county.page.keyboard.press("F2")
            county.page.keyboard.type(text)
            county.page.keyboard.press("Enter")
            county.page.wait_for_selector("[data-plan=state]:text('已全部保存')")
        assert county.violations() == []
        county.open(version)
        submit(county, "1")
        assert county.faults == []
    with browsers.of("bureau") as bureau:
        bureau.open(f"{version}review/")
        bureau.page.check("[name=agreed-3]")
        for line, text in ((4, "请明确责任单位"), (5, "完成时限提前到2015年4季度")):
            bureau.page.fill(f"[name=text-{line}]", text)
        press(bureau, "form:has([name=agreed-3]) [type=submit]")
        bureau.page.fill("[name=opinion]", "原则可行,请修改后重报")
        press(bureau, f"[formaction='{version}decide/return/']")
        assert "完成时限提前" in bureau.page.inner_text(".canvas")
        assert bureau.faults == []
    with browsers.of(f"county_{COUNTY}") as county:
        county.open(version)
        press(county, f".canvas form[action='/plans/counties/{COUNTY}/begin/'] [type=submit]")
        county.page.wait_for_selector(".tabulator-row")
        cell(county, 4, "unit").scroll_into_view_if_needed()
        cell(county, 4, "unit").click()
        county.page.keyboard.press("F2")
        county.page.keyboard.type("房产局")
        county.page.keyboard.press("Enter")
        cell(county, 5, "planned_for").click()
        county.page.keyboard.press("F2")
        county.page.keyboard.type("2015年4季度")
        county.page.keyboard.press("Tab")
        county.page.wait_for_selector("[data-plan=state]:text('已全部保存')")
        second = path(county).removesuffix("sheet/")
        county.open(second)
        assert "请明确责任单位" in county.page.inner_text("#line-4")
        submit(county, "2")
        assert county.faults == []
    with browsers.of("bureau") as bureau:
        bureau.open(second)
        press(bureau, ".canvas .actions a[href*='/compare/']")
        assert "2015年4季度" in bureau.page.inner_text("[aria-labelledby=moved]")
        assert "房产局" in bureau.page.inner_text("[aria-labelledby=changed]")
        bureau.open(f"{second}review/")
        bureau.page.fill("[name=opinion]", "同意")
        press(bureau, "form[action$='/decide/approve/'] .btn-primary")
        assert "已批准" in bureau.page.inner_text(".canvas")
        bureau.open(f"/divisions/{COUNTY}/")
        assert re.search("计划", bureau.page.inner_text(".canvas"))
        bureau.open(f"/plans/actuals/?division={COUNTY}")
        assert bureau.faults == []


def decide(bureau: Tab, action: str, opinion: str) -> None:
    """In the administration: the newest version of the other county, an opinion and one of the two actions."""
    bureau.open(f"/admin/oversight/planversion/?county__code={OTHER}")
    row = bureau.page.locator("#result_list tbody tr").filter(has_text="龙城区").first
    row.locator("[name=_selected_action]").check()
    bureau.page.select_option("[name=action]", action)
    bureau.page.fill("[name=opinion]", opinion)
    press(bureau, "[name=index]")


def test_another_countys_plan_is_reviewed_in_the_administration(browsers):
    with browsers.of("bureau") as bureau:
        decide(bureau, "send_back", "请补充明细")
        assert "已退回" in bureau.page.inner_text("body")
    with browsers.of(f"county_{OTHER}") as county:
        hand_in(county, OTHER, template(county, OTHER, good))
        press(county, ".canvas .actions a.btn-primary")
        submit(county, "3")
        assert county.faults == []
    with browsers.of("bureau") as bureau:
        decide(bureau, "approve", "同意")
        assert "已批准" in bureau.page.inner_text("body")
        bureau.open("/plans/")
        assert "龙城区" in bureau.page.inner_text("[aria-labelledby=city]")
