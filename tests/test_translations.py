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
    "columns.py": "headings of the workbooks that offices keep, as the portal recognises and writes them",
    "printed.py": "titles and headings of the tables that bureaus print, which the portal tells from workbooks",
    "settings.py": "a language is named in that language",
    "serializers.py": "fields of the API with their terms in the language of the offices, and examples",
    "target_serializers.py": "the same",
    "report_serializers.py": "the same",
    "plan_serializers.py": "the same",
    "actual_serializers.py": "the same",
    "examples.py": "examples in the description of the API",
    "handing_in.py": "the same, of what is handed in",
    "api_bodies.py": "the same, of reports",
    "api_steps.py": "the same, of steps of reports",
    "blanks.py": "headings and cells of templates, in the language of the offices",
    "guide.py": "the explanation in them",
    "seen.py": "headings of the list of compounds as a workbook, in the language of the offices",
    "sheets": "headings and cells of the workbooks that offices exchange, in the language of the offices",
}
# Modules that describe the API or a command: an English sentence may end in its Chinese term.
DESCRIBING = {
    "api", "api.py", "actual_api.py", "target_api.py", "asking.py", "target_asking.py", "moment.py", "counting.py",
    "export.py",
}  # fmt: skip
WITH_ITS_TERM = re.compile(r"[^\u3400-\u9fff]*[A-Za-z][^\u3400-\u9fff]* [\u3400-\u9fff、]+")
NAMES = {"CSV", "Excel", "JSON", "xlsx"}  # the same in every language
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
    """Collects what a reader sees or hears of a page: text but for code, and the attributes that carry text."""

    attributes = frozenset({"alt", "aria-description", "aria-label", "placeholder", "title"})

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.within_code = False

    def handle_data(self, data):
        if self.cdata_elem is None and not self.within_code:  # cdata: script and style
            self._note(data)

    def handle_starttag(self, tag, attrs):
        self.within_code = self.within_code or tag == "code"
        for name, value in attrs:
            if name in self.attributes:
                self._note(value or "")

    def handle_endtag(self, tag):
        if tag == "code":
            self.within_code = False

    def _note(self, text):
        if text.strip() not in NAMES and any(letter.isalpha() for letter in text):
            self.found.append(f"line {self.getpos()[0]}: {' '.join(text.split())}")


def visible_text(template: str) -> list[str]:
    parser = VisibleText()
    parser.feed(NOT_TEXT.sub(lambda match: "\n" * match[0].count("\n"), template))
    parser.close()
    return parser.found


def chinese_literals(source: str, *, terms: bool = False) -> list[str]:
    """Chinese outside docstrings, comments and messages; a message may quote the heading of a workbook.

    ``terms``: an English description may end in its Chinese term.
    """
    tree = ast.parse(source)
    fine = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in messages.KEYWORDS:
            fine |= {id(node) for argument in call.args for node in ast.walk(argument)}
    return [
        f"line {node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in fine
        and not (terms and WITH_ITS_TERM.fullmatch(node.value))
    ]


def test_catalogue_is_complete():
    assert messages.problems(messages.catalogue(), messages.extracted()) == []


def test_catalogue_is_as_the_tool_writes_it():
    current = messages.catalogue()
    assert messages.CATALOGUE.read_text(encoding="utf-8") == str(messages.updated(current, messages.extracted()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(messages.ROOT)))
def test_template_says_nothing_outside_translate_tags(path):
    assert visible_text(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(messages.ROOT)))
def test_code_speaks_english(path):
    terms = not DESCRIBING.isdisjoint(path.parts)
    assert chinese_literals(path.read_text(encoding="utf-8"), terms=terms) == []


def test_scanner_sees_text_and_attributes():
    template = """<p title="Name">{# note #}<b>面积</b>{% translate "fine" %}{{ fine }}</p>
    <script>let fine = 1;</script><code>fine</code>CSV{% blocktranslate %}fine{% endblocktranslate %}"""
    assert visible_text(template) == ["line 1: Name", "line 1: 面积"]


def test_scanner_sees_literals_but_neither_docstrings_nor_messages():
    assert chinese_literals('"""说明"""\nx = f"{y} 户" + _("Fill in 面积")  # 注释') == ["line 2:  户"]


def test_placeholder_lost_in_translation_is_found():
    message = messages.Message("", "%(n)s of {total}", "", "a.py:1", "")
    wanted = {("", message.text): message}
    translated = messages.updated(messages.catalogue().__class__(), wanted)
    translated[0].msgstr = "共 {total}"
    (problem,) = messages.problems(translated, wanted)
    assert problem.startswith("placeholders differ")


def test_scanner_lets_a_description_end_in_its_term_and_nothing_more():
    source = 'a = "Day of the answer. 截止日期"\nb = "截止日期"\nc = "已保存 saved"'
    assert chinese_literals(source, terms=True) == ["line 2: 截止日期", "line 3: 已保存 saved"]
    assert len(chinese_literals(source)) == 3
