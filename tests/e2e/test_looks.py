"""What one sees of a page before reading it: figures beside each other, tables within their boxes, names in lines."""

import pytest

from tests.e2e.pages import PAGES, address
from tests.e2e.people import PHONE

LANGUAGES = ["zh-hans", "en"]
#: Texts of figures that lie on each other, and figures that leave their box.
CROWDED = """() => {
    const extent = (one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getBoundingClientRect();
    };
    const figures = [...document.querySelectorAll(".stat .value, .facts-row dt, .facts-row dd")];
    const said = (one) => one.textContent.replace(/\\s+/g, " ").trim();
    const edge = (one) => one.closest(".box").getBoundingClientRect().right;
    const out = figures.filter((one) => extent(one).right > edge(one)).map(said);
    const over = figures.flatMap((one, at) => figures.slice(at + 1).filter((other) => {
        const [a, b] = [extent(one), extent(other)];
        return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    }).map((other) => `${said(one)} / ${said(other)}`));
    return [...out, ...over];
}"""
#: Tables that are wider than what shows them, by their first heading.
WIDE_TABLES = """() => [...document.querySelectorAll(".scroll")]
    .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
    .map((one) => `${one.innerText.slice(0, 40)}: ${one.scrollWidth - one.clientWidth} px`)"""
#: Cells of more lines than anybody reads, by their text.
PILLARS = """() => [...document.querySelectorAll(".tbl tbody td")].filter((one) => one.clientWidth && one.innerText
    && one.getBoundingClientRect().width < 60 && one.innerText.trim().length > 8).map((one) => one.innerText)"""
LISTS = [
    "coverage:city", "coverage:restatement", "programme:target", "register:list", "settings:history", "words:list",
    "imports:start", "people:accounts",
]  # fmt: skip


def speak(tab, language: str) -> None:
    tab.page.context.add_cookies([{"name": "django_language", "value": language, "url": tab.address}])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/divisions/2113/tables/summary/", "/divisions/211303/missing/", "/targets/"])
def test_nothing_is_crowded_or_cut_on_a_desk(path, language, browsers):
    with browsers.of("bureau") as tab:
        speak(tab, language)
        assert tab.open(path).status == 200
        assert tab.page.evaluate(CROWDED) == []
        assert tab.page.evaluate(WIDE_TABLES) == []


@pytest.mark.parametrize("name", LISTS)
def test_no_cell_is_a_pillar_of_single_characters_on_a_phone(name, browsers, portal):
    with browsers.of(PAGES[name], viewport=PHONE) as tab:
        tab.open(address(name, portal.world))
        assert tab.page.evaluate(PILLARS) == []
