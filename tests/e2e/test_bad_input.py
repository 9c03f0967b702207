"""What goes wrong while somebody works: nothing is lost, posted twice, or executed because somebody typed it."""

import pytest
from playwright.sync_api import expect

from communities.people.demo import PASSWORD
from tests.e2e.fill import BAD, COMMUNITY
from tests.e2e.people import Tab
from tests.kit.uploads.files import pdf
from tests.nasty import NASTY

LONG = "这段话很长,不能丢。" * 40
FORM = f"/compounds/{BAD}/record/takeover/"


def press(tab: Tab, selector: str) -> None:
    with tab.page.expect_navigation(timeout=15_000):
        tab.page.click(selector)


def path(tab: Tab) -> str:
    return tab.page.url.removeprefix(tab.address).partition("?")[0]


def log_in_again(tab: Tab, username: str) -> None:
    assert path(tab) == "/accounts/login/"
    tab.page.fill("[name=username]", username)
    tab.page.fill("[name=password]", PASSWORD)
    press(tab, "form:has([name=password]) [type=submit]")


def lose_the_session(tab: Tab) -> None:
    tab.page.context.clear_cookies(name="sessionid")


def height(tab: Tab) -> str:
    """The newest version, as the API says it."""
    return tab.page.request.get(f"{tab.address}/api/v1/coverage/?division=2113&format=json").json()["ledger"]["height"]


def fill_in(tab: Tab, *, area: str = "1", note: str = "") -> None:
    tab.open(FORM)
    tab.page.select_option("[name=mode_to]", "owners")
    tab.page.fill("[name=area_dm2]", area)
    tab.page.fill("[name=reason]", "手续后补")  # no procedure has its key evidence
    tab.page.fill("[name=note]", note)


# --- the session is lost ---------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["preview", "confirm"])
def test_a_form_is_there_again_after_the_log_in(browsers, step):
    with browsers.of("bureau") as tab:
        fill_in(tab, area="3", note=LONG)
        if step == "confirm":
            press(tab, "[name=step][value=preview]")
        before = height(tab)
        lose_the_session(tab)
        press(tab, f"[name=step][value={step}]")
        log_in_again(tab, "bureau")
        assert path(tab) == FORM
        assert tab.page.input_value("[name=note]") == ""
        press(tab, "[data-kept=put]")
        assert tab.page.input_value("[name=note]") == LONG
        assert tab.page.input_value("[name=area_dm2]") == "3"
        assert tab.page.input_value("[name=mode_to]") == "owners"
        assert height(tab) == before
        assert tab.page.locator("[data-kept]").count() == 0
        press(tab, "[name=step][value=preview]")
        press(tab, "[name=step][value=confirm]")
        assert height(tab) == before + 1
        tab.open(FORM)
        assert tab.page.locator("[data-kept]").count() == 0
        assert tab.faults == []


def test_a_form_with_parts_is_there_again_with_all_of_them(browsers):
    with browsers.of("bureau") as tab:
        tab.open(f"/compounds/{BAD}/record/split/")
        tab.page.fill("[name=name-0]", "东区")
        tab.page.click("[name=step][value=add]")
        tab.page.wait_for_selector("[name=name-1]")
        tab.page.fill("[name=name-1]", "西区")
        lose_the_session(tab)
        with tab.page.expect_navigation():
            tab.page.click("[name=step][value=count]")
        log_in_again(tab, "bureau")
        press(tab, "[data-kept=put]")
        assert tab.page.input_value("[name=name-0]") == "东区"
        assert tab.page.input_value("[name=name-1]") == "西区"
        assert tab.faults == []


def test_a_fact_edited_in_its_row_is_there_again(browsers):
    with browsers.of("bureau") as tab:
        tab.open(f"/compounds/{BAD}/")
        tab.page.click("#fact-duty_person a")
        tab.page.fill("#fact-duty_person [name=duty_person]", "丢不了的人")
        lose_the_session(tab)
        with tab.page.expect_navigation():
            tab.page.click("#fact-duty_person [type=submit]")
        log_in_again(tab, "bureau")
        tab.page.click("[data-kept=put]")
        assert tab.page.input_value("[name=duty_person]") == "丢不了的人"
        tab.page.click("#fact-duty_person [type=submit]")
        tab.page.wait_for_selector("#fact-duty_person [role=status]")
        tab.open(f"/compounds/{BAD}/")
        assert "丢不了的人" in tab.page.inner_text(".canvas")
        assert tab.faults == []


def test_what_one_typed_is_not_shown_to_the_next_who_logs_in(browsers):
    with browsers.of("bureau") as tab:
        fill_in(tab, note="只给本人看")
        lose_the_session(tab)
        press(tab, "[name=step][value=preview]")
        log_in_again(tab, "county_211302")
        assert path(tab) == FORM
        assert tab.page.locator("[data-kept]").count() == 0
        assert tab.page.evaluate("() => sessionStorage.getItem('kept-form')") is None


def test_dropped_it_is_gone(browsers):
    with browsers.of("bureau") as tab:
        fill_in(tab, note="不要了")
        lose_the_session(tab)
        press(tab, "[name=step][value=preview]")
        log_in_again(tab, "bureau")
        tab.page.click("[data-kept=drop]")
        assert tab.page.locator("[data-kept]").count() == 0
        tab.page.reload()
        assert tab.page.locator("[data-kept]").count() == 0
        assert tab.page.input_value("[name=note]") == ""


# --- twice, and back ---------------------------------------------------------------------------------------
def test_a_double_click_posts_once(browsers):
    with browsers.of("bureau") as tab:
        fill_in(tab)
        press(tab, "[name=step][value=preview]")
        before = height(tab)
        with tab.page.expect_navigation():
            tab.page.dblclick("[name=step][value=confirm]", no_wait_after=True)
        tab.page.wait_for_load_state()
        assert path(tab) == f"/compounds/{BAD}/"
        assert height(tab) == before + 1
        assert tab.faults == []


def test_back_after_posting_and_posted_again_nothing_is_recorded_twice(browsers):
    with browsers.of("bureau") as tab:
        fill_in(tab)
        press(tab, "[name=step][value=preview]")
        press(tab, "[name=step][value=confirm]")
        before = height(tab)
        tab.page.go_back()
        if tab.page.locator("[name=step][value=confirm]").count():
            press(tab, "[name=step][value=confirm]")
            assert "没有重复记录" in tab.page.inner_text(".canvas")
        assert height(tab) == before


# --- files, and names --------------------------------------------------------------------------------------
def test_the_scan_is_chosen_once_and_what_is_none_is_said_at_the_field(browsers):
    with browsers.of("county_211302") as tab:
        fill_in(tab, note="附扫描件")
        bad = {"name": "交接书.pdf", "mimeType": "application/pdf", "buffer": b"<html>not a scan</html>"}
        tab.page.set_input_files("[name=scans]", bad)
        press(tab, "[name=step][value=preview]")
        expect(tab.page.locator("#id_scans_error")).to_contain_text("交接书.pdf")
        assert tab.page.input_value("[name=note]") == "附扫描件"
        tab.page.set_input_files("[name=scans]", bad | {"buffer": pdf()})
        press(tab, "[name=step][value=preview]")
        assert "交接书.pdf" in tab.page.inner_text(".canvas")
        press(tab, "[name=step][value=confirm]")
        assert tab.page.locator("[href^='/files/']").count()
        assert tab.faults == []


def test_a_name_is_shown_as_typed_wherever_it_is_looked_for(browsers):
    with browsers.of("bureau") as tab:
        tab.open(f"/compounds/{BAD}/")
        assert NASTY in tab.page.inner_text("h1")
        tab.page.keyboard.press("/")
        tab.page.keyboard.type(BAD)
        tab.page.wait_for_selector("#found a")
        assert NASTY in tab.page.inner_text("#found")
        assert tab.page.evaluate("() => window.executed === undefined")
        assert tab.faults == []


#: Pages that show the name of the compound, or of what hangs on it, in a list or as a whole.
SHOWN = (
    f"/compounds/?q={BAD}", f"/search/?q={BAD}", "/compounds/duplicates/", f"/divisions/{COMMUNITY}/",
    f"/divisions/{COMMUNITY}/tables/unmanaged/", f"/compounds/{BAD}/record/merge/", f"/compounds/{BAD}/edit/",
    f"/compounds/{BAD}/", "/approvals/?all=1", "/imports/", "/imports/mappings/", "/successions/",
)  # fmt: skip


@pytest.mark.parametrize("path", SHOWN)
def test_a_long_name_breaks_no_page_on_a_phone(browsers, path):
    with browsers.of("bureau") as tab:
        assert tab.open(path).status == 200
        assert not tab.violations()
        assert not tab.too_wide()
        assert tab.page.evaluate("() => window.executed === undefined")
        assert tab.faults == []


# --- a double click wherever something is made -----------------------------------------------------------
def building(tab: Tab, name: str) -> None:
    tab.open(f"/compounds/{BAD}/buildings/")
    tab.page.fill("[name=name]", name)


def token(tab: Tab, name: str) -> None:
    tab.open("/accounts/tokens/new/")
    tab.page.fill("[name=name]", name)
    tab.page.locator("main form [type=checkbox]").first.check()


def scan(tab: Tab, name: str) -> None:
    tab.open(f"/compounds/{BAD}/files/")
    # Another content than other tests file with the compound: the same is kept once, under its first name.
    file = {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": pdf(b"/Double true")}
    tab.page.set_input_files("[name=files]", file)
    tab.page.select_option("[name=kind]", "scan")


def upload(tab: Tab, name: str) -> None:
    tab.open("/imports/")
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": "小区名称,社区\n甲,乙\n".encode()}
    tab.page.set_input_files("[type=file]", file)


@pytest.mark.parametrize(
    ("fill", "shown"),
    [
        (building, f"/compounds/{BAD}/#buildings"), (token, "/accounts/tokens/"), (scan, f"/compounds/{BAD}/files/"),
        (upload, "/imports/"),
    ],
)  # fmt: skip
def test_a_double_click_makes_one(browsers, fill, shown):
    name = f"双击{fill.__name__}"
    with browsers.of("bureau") as tab:
        fill(tab, name)
        with tab.page.expect_navigation():
            tab.page.dblclick("main form [type=submit]", no_wait_after=True)
        tab.page.wait_for_load_state()
        tab.open(shown)
        rows = tab.page.locator(f"main tr:has-text('{name}'), main li:has(a):has-text('{name}')")
        assert rows.count() == 1
        assert tab.faults == []
