"""Pages on paper: what they are about, of when and by whom, without anything to click."""

import pytest

#: A4 less its margins, in the browser's pixels.
SHEET = {"width": 703, "height": 1017}
STICKING_OUT = """() => [...document.querySelectorAll(".canvas canvas, .canvas svg, .canvas table")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    "path", ["/", "/compounds/", "/targets/", "/divisions/211302003001/", "/imports/", "/settings/"]
)
def test_a_page_on_paper(path, browsers):
    with browsers.of("bureau") as tab:
        tab.open(path)
        title = tab.page.inner_text("h1")
        tab.page.set_viewport_size(SHEET)
        tab.page.emulate_media(media="print")
        assert tab.page.locator("h1").is_visible()
        assert title in tab.page.inner_text("body")
        assert "打印时间" in tab.page.inner_text(".foot")
        assert "市房产局" in tab.page.inner_text(".foot")
        assert [one.inner_text() for one in tab.page.locator(".btn:visible").all()] == []
        assert tab.page.evaluate(STICKING_OUT) == []
