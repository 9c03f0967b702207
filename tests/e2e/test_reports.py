"""上报 on a phone: drafts and photos over a cut connection, sent once; returned, corrected and sent again."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import TimeoutError

from tests.e2e.people import PHONE, Tab

COMMITTEE, STREET = "committee_211302003001", "street_211302003"
NEW = "/compounds/PHONE-1/report/takeover/"
BAR = "[data-report-bar]"


def large_photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((3000, 1500), 60).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def fill(tab: Tab, **fields) -> None:
    values = {"effective_on": "2014-06-03", "provider_to": "前进社区", "date_basis": "交接记录"} | fields
    for name, value in values.items():
        tab.page.fill(f"[name={name}]", value)
    tab.page.select_option("[name=mode_to]", "community")


def take_photo(tab: Tab, content: bytes, name: str = "现场.jpg") -> None:
    before = tab.page.locator("[data-thumbs] li").count()
    tab.page.set_input_files("[name=photos]", {"name": name, "mimeType": "image/jpeg", "buffer": content})
    tab.page.locator("[data-thumbs] li").nth(before).wait_for()


def send(tab: Tab) -> None:
    tab.page.click("[name=step][value=send]")


def at_report(tab: Tab) -> str:
    """The address of the report that was reached; what the form says where it was not."""
    try:
        tab.page.wait_for_url(re.compile(r"/reports/[0-9a-f-]{36}/$"))
    except TimeoutError:
        pytest.fail(f"{tab.page.url} says: {tab.page.inner_text('main')}")
    return tab.page.url.removeprefix(tab.address)


def withdraw(tab: Tab, address: str) -> None:
    """So that the next test finds nothing under way."""
    tab.open(address)
    tab.page.click("details.how summary")
    with tab.page.expect_navigation():
        tab.page.click("form[action$='/withdraw/'] button")


def under_way(tab: Tab, compound: str) -> list[str]:
    tab.open("/reports/")
    cards = tab.page.locator("section[aria-labelledby=under-way] .report-card").all_inner_texts()
    return [card for card in cards if compound in card]


def test_a_draft_survives_a_cut_connection_and_a_reload_and_is_sent_once(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open(NEW)
        fill(tab, note="楼道里写的")
        take_photo(tab, large_photo())
        tab.page.context.set_offline(True)
        send(tab)
        tab.page.wait_for_selector(f"{BAR}:has-text('没有网络')")
        send(tab)  # tapped again
        tab.page.context.set_offline(False)
        address = at_report(tab)
        assert "已上报" in tab.page.inner_text(".page-head")
        shown = tab.page.request.get(f"{tab.address}{tab.page.locator('.previews a').get_attribute('href')}").body()
        assert max(Image.open(io.BytesIO(shown)).size) == 2000
        assert len(under_way(tab, "手机小区")) == 1
        withdraw(tab, address)
        tab.open(NEW)
        assert tab.page.input_value("[name=note]") == ""
        assert not tab.faults


def test_what_waits_is_sent_from_the_next_page_that_opens(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open(NEW)
        fill(tab)
        take_photo(tab, large_photo())
        # The portal gets the fields and is gone before the photo is there.
        tab.page.route("**/files/", lambda route: route.abort())
        send(tab)
        tab.page.wait_for_selector(f"{BAR}:has-text('没有网络')")
        tab.page.unroute("**/files/")
        tab.open("/reports/")
        tab.page.wait_for_selector(".report-card:has-text('手机小区') .pill:has-text('已上报')")
        cards = tab.page.locator("section[aria-labelledby=under-way] .report-card:has-text('手机小区')")
        assert cards.count() == 1
        address = cards.get_attribute("href")
        tab.open(address)
        assert tab.page.locator(".previews a").count() == 1
        withdraw(tab, address)


def test_what_was_typed_is_there_again_after_a_reload_with_its_photos(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open(NEW)
        fill(tab, note="还没写完")
        take_photo(tab, large_photo())
        tab.page.reload()
        tab.page.wait_for_selector(f"{BAR}:has-text('已恢复')")
        assert tab.page.input_value("[name=note]") == "还没写完"
        assert tab.page.input_value("[name=mode_to]") == "community"
        tab.page.locator("[data-thumbs] canvas").wait_for()
        assert tab.violations() == []
        assert tab.too_wide() == []
        with tab.page.expect_navigation():
            tab.page.click(f"{BAR} button")
        assert tab.page.input_value("[name=note]") == ""
        assert tab.page.locator("[data-thumbs] li").count() == 0


def test_what_is_refused_stands_at_its_field_with_what_was_typed(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open(NEW)
        fill(tab, area_dm2="999999", note="面积写大了")
        take_photo(tab, large_photo())
        send(tab)
        tab.page.locator(".field.wrong [name=area_dm2]").wait_for()
        assert tab.page.input_value("[name=note]") == "面积写大了"
        assert tab.page.locator("[data-kept-photo]").count() == 1
        assert tab.page.url.endswith("/edit/")
        assert tab.violations() == []
        tab.page.fill("[name=area_dm2]", "1000")
        send(tab)
        withdraw(tab, at_report(tab))


def test_returned_with_a_comment_corrected_and_sent_again(browsers, portal):
    """The report of the filled city comes back from the street."""
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open("/reports/")
        card = tab.page.locator(".report-card.returned").filter(has_text="请补交接记录照片").first
        assert "已退回" in card.inner_text()
        with tab.page.expect_navigation():
            card.click()
        beside = tab.page.locator(".report-field.commented:has([name=date_basis])")
        assert "请补交接记录照片" in beside.inner_text()
        assert tab.violations() == []
        tab.page.fill("[name=date_basis]", "交接记录")
        take_photo(tab, large_photo(), "交接.jpg")
        send(tab)
        address = at_report(tab)
        assert "待街道核实" in tab.page.inner_text(".page-head")
        assert tab.page.locator(".story li").count() == 5
    with browsers.of(STREET, viewport=PHONE) as tab:
        tab.open(address)
        assert "交接记录" in tab.page.inner_text("dl.facts")


@pytest.mark.parametrize("what", ["takeover", "area", "unclear"])
def test_every_form_on_a_phone(browsers, what):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open(f"/compounds/PHONE-1/report/{what}/")
        assert tab.violations() == []
        assert tab.too_wide() == []


def test_without_scripts_it_is_sent_as_it_is(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE, java_script_enabled=False) as tab:
        tab.open(NEW)
        fill(tab)
        tab.page.set_input_files("[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": large_photo()})
        send(tab)
        address = at_report(tab)
        assert tab.page.locator(".previews a").count() == 1
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        withdraw(tab, address)


def test_the_language_is_switched_and_what_was_typed_stays(browsers):
    with browsers.of(COMMITTEE, viewport=PHONE) as tab:
        tab.open("/compounds/PHONE-1/report/unclear/")
        tab.page.fill("[name=note]", "两种语言")
        for language, title in (("en", "Unclear"), ("zh-hans", "不清楚")):
            with tab.page.expect_navigation():
                tab.page.click(f"[name=language][value={language}]")
            assert title in tab.page.inner_text("h1")
            assert tab.page.input_value("[name=note]") == "两种语言"
