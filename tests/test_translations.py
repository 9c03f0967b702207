"""Every word a user reads can be translated, and is."""

import ast
import re
from html.parser import HTMLParser

import pytest

from scripts import messages

CHINESE = re.compile(r"[\u3400-\u9fff]")
# Modules whose Chinese is data and not something the portal says.
CHINESE_IS_DATA = {
    "vocabulary.py": "words that clerks write in workbooks and names, which the portal recognises",
    "settings.py": "a language is named in that language",
    "sheets": "headings and cells of the workbooks that offices exchange, in the language of the offices",
}
TEMPLATES = sorted((messages.ROOT / "templates").rglob("*.html"))
MODULES = [
    path
    for folder in messages.FOLDERS
    for path in sorted((messages.ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts and CHINESE_IS_DATA.keys().isdisjoint(path.parts)
]
NOT_TEXT = re.compile(
    r"""
      \{\#.*?\#\}
    | \{%-?\s*comment\b.*?\{%\s*endcomment\s*%\}
    | \{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}
    | \{%.*?%\}
    | \{\{.*?\}\}
    """,
    re.DOTALL | re.VERBOSE,
)


class VisibleText(HTMLParser):
    """Collects what a reader sees or hears of a page: text, and the attributes that carry text."""

    attributes = frozenset({"alt", "aria-description", "aria-label", "placeholder", "title"})

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_data(self, data):
        if self.cdata_elem is None:  # not within script or style
            self._note(data)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in self.attributes:
                self._note(value or "")

    def _note(self, text):
        if any(letter.isalpha() for letter in text):
            self.found.append(f"line {self.getpos()[0]}: {' '.join(text.split())}")


def visible_text(template: str) -> list[str]:
    parser = VisibleText()
    parser.feed(NOT_TEXT.sub(lambda match: "\n" * match[0].count("\n"), template))
    parser.close()
    return parser.found


def chinese_literals(source: str) -> list[str]:
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in docstrings
    ]


def test_catalogue_is_complete():
    assert messages.problems(messages.catalogue(), messages.extracted()) == []


def test_catalogue_is_as_the_tool_writes_it():
    current = messages.catalogue()
    assert messages.CATALOGUE.read_text(encoding="utf-8") == f"{messages.updated(current, messages.extracted())}\n"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(messages.ROOT)))
def test_template_says_nothing_outside_translate_tags(path):
    assert visible_text(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(messages.ROOT)))
def test_code_speaks_english(path):
    assert chinese_literals(path.read_text(encoding="utf-8")) == []


def test_scanner_sees_text_and_attributes():
    template = """<p title="Name">{# note #}<b>面积</b>{% translate "fine" %}{{ fine }}</p>
    <script>let fine = 1;</script>{% blocktranslate %}fine{% endblocktranslate %}"""
    assert visible_text(template) == ["line 1: Name", "line 1: 面积"]


def test_scanner_sees_literals_but_not_docstrings():
    assert chinese_literals('"""说明"""\nx = f"{y} 户"  # 注释') == ["line 2:  户"]


def test_placeholder_lost_in_translation_is_found():
    message = messages.Message("", "%(n)s of {total}", "", "a.py:1", "")
    wanted = {("", message.text): message}
    translated = messages.updated(messages.catalogue().__class__(), wanted)
    translated[0].msgstr = "共 {total}"
    (problem,) = messages.problems(translated, wanted)
    assert problem.startswith("placeholders differ")
