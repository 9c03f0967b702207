"""Days of work in a real browser: who sees what, down to the entry, by hand and by workbook, corrected and undone."""

import io

import openpyxl
import pytest

from communities.people.demo import PASSWORD
from tests.e2e.fill import COMMUNITY
from tests.e2e.people import Tab

#: Account → addresses of its navigation, the page it begins at, one of the neighbour's.
ROLES = {
    "bureau": (
        [
            "/desk/", "/", "/targets/", "/plans/", "/compounds/", "/review/", "/returns/", "/imports/", "/accounts/",
            "/settings/",
        ],
        "/", "",
    ),
    "leader": (["/", "/targets/"], "/", ""),
    "county_211302": (
        [
            "/desk/", "/", "/targets/", "/plans/", "/compounds/", "/reports/", "/review/", "/returns/", "/imports/",
            "/accounts/",
        ],
        "/divisions/211302/", "/divisions/211303/",
    ),
    "street_211302003": (
        ["/desk/", "/", "/targets/", "/compounds/", "/reports/", "/review/", "/returns/"], "/divisions/211302003/",
        "/divisions/211302004/",
    ),
    "committee_211302003001": (
        ["/desk/", "/compounds/", "/reports/"], "/reports/", "/divisions/211302003002/",
    ),
    "auditor": (
        ["/", "/targets/", "/plans/", "/compounds/", "/review/", "/returns/", "/imports/", "/accounts/", "/settings/"],
        "/", "",
    ),
    "dept_price": (["/", "/targets/", "/compounds/"], "/", ""),
    "admin": (["/", "/targets/", "/compounds/", "/accounts/", "/settings/"], "/", ""),
}  # fmt: skip
SENT = ".canvas form [type=submit]"


def path(tab: Tab) -> str:
    return tab.page.url.removeprefix(tab.address).partition("?")[0]


def press(tab: Tab, selector: str) -> None:
    with tab.page.expect_navigation(timeout=15_000):
        tab.page.click(selector)


def go(tab: Tab, href: str) -> None:
    """Click the first link of the page's content that leads to a path beginning so."""
    press(tab, f'.canvas a[href^="{href}"]')
    assert path(tab).startswith(href)


def values(tab: Tab, division: str = COMMUNITY) -> list[str]:
    """The large figures of a division's page."""
    tab.open(f"/divisions/{division}/")
    return tab.page.locator(".stat .value").all_inner_texts()


@pytest.mark.parametrize("username", ROLES)
def test_a_role_logs_in_and_sees_its_own(username, browsers):
    rooms, first, neighbour = ROLES[username]
    with browsers.of("") as tab:
        tab.open("/")
        assert path(tab) == "/accounts/login/"
        tab.page.fill("[name=username]", username)
        tab.page.fill("[name=password]", PASSWORD)
        press(tab, "form:has([name=password]) [type=submit]")
        assert path(tab) == first
        links = tab.page.locator(".nav-main a")
        assert [links.nth(number).get_attribute("href") for number in range(links.count())] == rooms
        if neighbour:
            assert tab.open(neighbour).status == 404
        assert tab.faults == []


def test_from_the_city_to_the_entry_by_clicks(browsers):
    with browsers.of("bureau") as tab:
        tab.open("/")
        for below in ("/divisions/211302/", "/divisions/211302003/", f"/divisions/{COMMUNITY}/"):
            go(tab, below)
            assert path(tab) == below
        go(tab, "/compounds/HAND")
        go(tab, "/entries/")
        assert "1,000.00" in tab.page.inner_text(".canvas")
        assert tab.faults == []


def open_report(tab: Tab) -> None:
    """From the desk to the report about 上报小区 that waits for the reader."""
    tab.open("/desk/")
    with tab.page.expect_navigation(timeout=15_000):
        tab.page.click(".desk-list a:has-text('上报小区')")
    assert path(tab).startswith("/review/")


def test_the_street_verifies_the_county_approves_and_the_figure_is_new(browsers):
    with browsers.of("street_211302003") as street:
        before = values(street)
        open_report(street)
        assert "委托社区管理" in street.page.inner_text(".sides")
        street.page.click("a[data-comment][href='#decide_comment_date_basis']")
        assert street.page.evaluate("document.activeElement.name") == "comment_date_basis"
        street.page.keyboard.type("a 请补交接记录")
        assert path(street).startswith("/review/")
        street.page.fill("[name=comment_date_basis]", "")
        press(street, "[name=step][value=verify]")
        assert street.faults == []
    with browsers.of("county_211302") as county:
        county.open("/divisions/211302003001/")
        assert "上报数(含未审)" in county.page.inner_text(".canvas")
        open_report(county)
        with county.page.expect_navigation(timeout=15_000):
            county.page.keyboard.press("a")
        assert "已审定入账" in county.page.inner_text(".canvas")
        after = values(county)
        assert after != before
        assert county.faults == []


def test_the_language_is_switched(browsers):
    with browsers.of("leader") as tab:
        tab.open("/")
        assert tab.page.locator("html").get_attribute("lang") == "zh-hans"
        press(tab, "[name=language][value=en]")
        assert tab.page.locator("html").get_attribute("lang") == "en"
        assert "Progress" in tab.page.inner_text(".nav-main")
        press(tab, "[name=language][value=zh-hans]")
        assert "进度总览" in tab.page.inner_text(".nav-main")


def test_a_change_is_entered_by_hand_and_corrected(browsers):
    with browsers.of("bureau") as tab:
        before = values(tab)
        tab.open("/compounds/HAND/record/takeover/")
        tab.page.select_option("[name=mode_to]", "professional")
        tab.page.fill("[name=area_dm2]", "600")
        tab.page.fill("[name=provider_to]", "朝房物业")
        tab.page.fill("[name=basis_type]", "交接书")
        tab.page.fill("[name=basis_no]", "朝房物〔2015〕99号")
        tab.page.fill("[name=reason]", "手续后补")
        press(tab, "[name=step][value=preview]")
        assert "600.00" in tab.page.inner_text(".canvas")
        press(tab, "[name=step][value=confirm]")
        assert path(tab) == "/compounds/HAND/"
        after = values(tab)
        assert after != before

        tab.open("/search/?q=朝房物 2015 99")
        go(tab, "/entries/")
        entry = path(tab)
        tab.open(f"{entry}correct/")
        tab.page.fill("[name$=why]", "面积录错")
        tab.page.fill("[name$=area_dm2]", "500")
        press(tab, "[name=step][value=preview]")
        press(tab, "[name=step][value=confirm]")
        assert values(tab) != after
        tab.open(entry)
        assert tab.page.locator(".canvas a[href^='/entries/']").count() > 0
        assert tab.faults == []


def test_settings_are_changed_by_clicks_and_stand_in_the_history(browsers):
    with browsers.of("bureau") as tab:
        tab.open("/settings/")
        go(tab, "/settings/programme/")
        go(tab, "/settings/targets/T1/edit/")
        tab.page.uncheck("[name=categories][value=abandoned]")
        press(tab, "[name=step][value=preview]")
        assert "302.00" in tab.page.inner_text(".canvas")
        assert tab.violations() == []
        tab.open("/settings/")
        go(tab, "/settings/words/")
        tab.page.fill("form[method=post] [name=word]", "烂尾楼")
        tab.page.select_option("[name=meaning]", "category/abandoned")
        press(tab, "form[method=post]:has([name=meaning]) button")
        tab.open("/settings/words/?q=烂尾楼")
        press(tab, "td form button")
        tab.open("/settings/")
        press(tab, '.canvas a[href="/settings/history/?kind=words"]')
        first = tab.page.locator(".canvas tbody tr").first
        assert "烂尾楼" in first.inner_text()
        go(tab, "/settings/words/")
        assert tab.page.locator("td form button").count() > 0
        assert tab.faults == []


def workbook() -> bytes:
    """Columns and a word that nobody knows yet."""
    book = openpyxl.Workbook()
    for row in (
        ["楼盘全称", "归谁管", "建面", "户数", "小区类别"],
        ["海棠一苑", COMMUNITY, 20000, 200, "没人管的"],
        ["海棠二苑", COMMUNITY, 30000, 300, "没人管的"],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def until_checked(tab: Tab) -> None:
    """The page follows the job, and shows the result when it has ended."""
    tab.page.wait_for_function("() => !document.querySelector('.job-progress')", timeout=30_000)
    tab.page.reload()
    assert tab.page.locator(".job-progress").count() == 0


def test_a_workbook_is_corrected_posted_and_undone(browsers):
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with browsers.of("bureau") as tab:
        before = values(tab)
        tab.open("/imports/")
        tab.page.check("[name=workbook][value=register]")
        tab.page.set_input_files("[type=file]", {"name": "台账.xlsx", "mimeType": xlsx, "buffer": workbook()})
        tab.page.fill("[name=default_date]", "2015-10-31")
        press(tab, "form[enctype] [type=submit]")
        until_checked(tab)
        run = path(tab)

        go(tab, f"{run}columns/")
        for index, key in enumerate(("name", "community", "area", "households", "category")):
            tab.page.select_option(f"[name=shape0_{index}]", key)
        press(tab, "#columns [type=submit]")
        until_checked(tab)
        tab.page.select_option("[name=word_0]", "abandoned")
        press(tab, f'form[action="{run}words/"] [type=submit]')
        until_checked(tab)
        press(tab, f'form[action="{run}post/"] [type=submit]')
        until_checked(tab)
        posted = values(tab)
        assert posted != before

        tab.open(run)
        go(tab, f"{run}undo/")
        tab.page.fill("[name=reason]", "报表有误")
        press(tab, "form:has([name=reason]) [type=submit]")
        until_checked(tab)
        assert values(tab) == before
        assert tab.faults == []


def test_two_compounds_are_merged_and_nothing_is_lost(browsers):
    with browsers.of("bureau") as tab:
        before = values(tab)
        tab.open("/compounds/MERGE-1/record/merge/")
        tab.page.check("[name=others][value='MERGE-2']")
        tab.page.fill("[name=basis_type]", "批复")
        tab.page.fill("[name=basis_name]", "关于合并的批复")
        press(tab, "[name=step][value=preview]")
        press(tab, "[name=step][value=confirm]")
        assert path(tab) == "/compounds/MERGE-1/"
        assert "3,000.00" in tab.page.inner_text(".canvas")
        after = values(tab)
        assert after[1] == before[1]
        assert after[2] == before[2]
        assert tab.faults == []


def test_search_is_found_by_keys_and_without_scripts(browsers):
    with browsers.of("bureau") as tab:
        tab.open("/compounds/")
        tab.page.keyboard.press("/")
        tab.page.keyboard.type("slxq")
        tab.page.wait_for_selector("#found a")
        assert "手录" in tab.page.inner_text("#found")
        tab.page.keyboard.press("Escape")
        assert tab.page.locator("#found a").count() == 0
        tab.page.keyboard.press("Control+k")
        tab.page.keyboard.type("HAND")
        tab.page.wait_for_selector("#found a")
        tab.page.keyboard.press("ArrowDown")
        with tab.page.expect_navigation():
            tab.page.keyboard.press("Enter")
        assert path(tab) == "/compounds/HAND/"
        tab.page.keyboard.press("?")
        tab.page.wait_for_selector("[data-help] .keys")
        assert tab.faults == []
    with browsers.of("committee_211302003001", java_script_enabled=False) as tab:
        tab.open("/compounds/")
        tab.page.fill("#find", "HAND")
        with tab.page.expect_navigation():
            tab.page.press("#find", "Enter")
        go(tab, "/compounds/HAND")


def test_the_division_is_switched_and_remembered(browsers):
    with browsers.of("bureau") as tab:
        tab.open("/divisions/2113/movements/?from=2015-01-01")
        tab.page.click(".switch summary")
        tab.page.wait_for_selector(".switch .places a")
        press(tab, ".switch .places a[href*='to=211302&']")
        assert tab.page.url.endswith("/divisions/211302/movements/?from=2015-01-01")
        tab.open("/targets/")
        assert "双塔" in tab.page.inner_text(".switch summary")
        press(tab, ".nav-main a:has-text('进度总览')")
        assert path(tab) == "/divisions/211302/"


def test_dark_is_chosen_and_stays(browsers):
    with browsers.of("leader", color_scheme="light") as tab:
        tab.open("/")
        light = tab.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        tab.page.click("summary:has-text('市政府分管领导')")
        press(tab, "[name=theme][value=dark]")
        dark = tab.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        assert dark != light
        tab.open("/targets/")
        assert tab.page.evaluate("() => getComputedStyle(document.body).backgroundColor") == dark
