"""一页纸 and 怎么算的 in a real browser: copied, downloaded, asked how it was counted; with and without scripts."""

import io

import docx
import pytest

from chaoyang_pm.kit.figures import format_wan

ADDRESS = "/divisions/2113/one-page/?as_of=2015-06-30"


def test_downloaded_its_figures_are_those_of_the_api(browsers):
    with browsers.of("bureau") as tab:
        tab.open(ADDRESS)
        with tab.page.expect_download() as download:
            tab.page.click("a[href*='one-page.docx']")
        word = docx.Document(io.BytesIO(download.value.path().read_bytes()))
        api = f"{tab.address}/api/v1/coverage/?division=2113&as_of=2015-06-30&by=county&format=json"
        data = tab.page.request.get(api).json()
    rows = [[cell.text for cell in row.cells][:4] for row in word.tables[0].rows]

    def shown(name: str, figures: dict) -> list[str]:
        area = figures["area_m2"]
        amounts = [format_wan(round(area[which] * 100)) for which in ("total", "managed")]
        return [name, *amounts, f"{figures['rate'] * 100:.2f}%"]

    assert rows[1:-1] == [shown(group["name"], group) for group in data["groups"]]
    assert rows[-1] == shown("合计", data)
    assert data["ledger"]["hash"] in word.sections[0].footer.paragraphs[0].text


def test_the_sentences_are_copied(browsers):
    with browsers.of("bureau", permissions=["clipboard-read", "clipboard-write"]) as tab:
        tab.open(ADDRESS)
        tab.page.click("[data-copy]")
        tab.page.wait_for_function("document.querySelector('[data-copy]').textContent === '已复制'")
        copied = tab.page.evaluate("navigator.clipboard.readText()")
        assert copied.splitlines() == tab.page.locator(".sentences p").all_inner_texts()
        assert copied.startswith("截至2015年6月30日,全市住宅小区建筑面积")


def test_how_it_is_counted_opens_over_the_page(browsers):
    with browsers.of("bureau") as tab:
        tab.open(ADDRESS)
        tab.page.click("tfoot a[data-how]")
        tab.page.wait_for_selector("dialog[open] [data-how-body]")
        assert tab.page.url.endswith(ADDRESS)
        assert not tab.violations()
        tab.page.keyboard.press("Escape")
        assert tab.page.locator("dialog[open]").count() == 0
        tab.page.context.clear_cookies()
        with tab.page.expect_navigation():
            tab.page.click("tfoot a[data-how]")
        assert "/accounts/login/" in tab.page.url
        assert not tab.faults


def test_without_scripts_it_is_a_page(browsers):
    with browsers.of("bureau", java_script_enabled=False) as tab:
        tab.open(ADDRESS)
        assert not tab.page.is_visible("[data-copy]")
        with tab.page.expect_navigation():
            tab.page.click("tfoot a[data-how]")
        assert "/divisions/2113/how/total/" in tab.page.url


@pytest.mark.parametrize("code", ["2113", "211302", "211302003", "211302003001"])
def test_it_prints_on_one_sheet(browsers, code):
    with browsers.of("bureau") as tab:
        tab.open(f"/divisions/{code}/one-page/?as_of=2015-10-31")
        sheet = tab.page.pdf(prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") == 1
