"""House rules that a machine can keep."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["chaoyang_pm", "communities", "compounds", "oversight"]
LONGEST_MODULE = 400
#: What README's pictures may weigh together, in bytes.
SMALL = 400_000
TOP_LEVEL = {
    ".ci", ".editorconfig", ".gitignore", ".npmrc", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE", "Makefile",
    "README.md", "chaoyang_pm", "communities", "compounds", "deploy", "docs", "fixtures", "locale", "manage.py",
    "oversight", "package-lock.json", "package.json", "pyproject.toml", "requirements-dev.in", "requirements-dev.txt",
    "requirements-node.in", "requirements-node.txt", "requirements.in", "requirements.txt", "scripts", "static",
    "templates", "tests",
}  # fmt: skip
# A folder of somebody's machine; addresses (https://…/home/…) and routes ({{ base }}/home/…) are none.
MACHINE_PATH = re.compile(r"(?<![\w./%}:])/(?:home|root|Users|work)/\w")
#: Heads, empty states, steps, figures, filters and the turning of pages, as the components of templates write them;
#: what a form can be sent for; figures that explain themselves; a form's fields one after the other.
BY_HAND = re.compile(
    r'class="(?:[^"]*\s)?(?:page-head|nothing|way|stat|pages|box filters)[\s"]|class="form-actions"|data-how\s'
    r"|<div class=\"fields[^>]*>\s*\{% for (\w+) in [\w.]+ %\}\s*\{% field \1[^%]*%\}\s*\{% endfor %\}\s*</div>"
)
#: A table's head; and what makes one more than headings beside each other, known by their words or sorted by.
HEAD = re.compile(r"<thead>(.*?)</thead>", re.DOTALL)
MORE_THAN_HEADINGS = re.compile(r"rowspan=|colspan=|data-series=|<label|\{% (?:for|include|if) ")
BINARY = {".zip", ".xlsx", ".xls", ".png", ".ico", ".woff2", ".mo"}


def project_files() -> list[Path]:
    """What git keeps, or would keep: files it ignores are not the project's."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in sorted(set(listing.stdout.split("\0"))) if name and (ROOT / name).is_file()]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are the project's")
    return project_files()


def test_top_level_holds_what_the_design_lists(files):
    assert {path.relative_to(ROOT).parts[0] for path in files} == TOP_LEVEL


def test_a_module_is_about_one_thing():
    modules = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_file_names_a_machine(files):
    texts = [path for path in files if path.suffix not in BINARY and path != Path(__file__)]
    assert [relative(path) for path in texts if MACHINE_PATH.search(path.read_text(encoding="utf-8"))] == []


def test_pages_are_made_of_the_shared_components():
    pages = [path for path in (ROOT / "templates").rglob("*.html") if path.parent.name != "components"]
    assert [relative(path) for path in pages if BY_HAND.search(path.read_text(encoding="utf-8"))] == []


def test_a_plain_head_of_a_table_is_the_shared_one():
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")}
    heads = [(relative(path), head) for path, text in pages.items() for head in HEAD.findall(text)]
    shared = "templates/components/table_head.html"
    assert [name for name, head in heads if name != shared and not MORE_THAN_HEADINGS.search(head)] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=relative)
def test_locked_requirements_are_pinned_and_name_no_host(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|--trusted-host", text)
    requirements = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n?", "", text, flags=re.MULTILINE).strip())
    assert [one for one in requirements if "==" not in one.split()[0] or "--hash=sha256:" not in one] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-node"])
def test_every_requirement_is_locked(name):
    wanted = re.findall(r"^([A-Za-z][\w.-]*)", (ROOT / f"{name}.in").read_text(encoding="utf-8"), re.MULTILINE)
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / f"{name}.txt").read_text(encoding="utf-8"), re.MULTILINE))
    assert {one.lower() for one in wanted} <= locked


def test_locked_browser_packages_name_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_readme_shows_the_pictures_there_are_and_small_ones():
    shown = set(re.findall(r"\]\((docs/images/[\w-]+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    there = list((ROOT / "docs" / "images").iterdir())
    assert shown == {relative(path) for path in there}
    assert sum(path.stat().st_size for path in there) < SMALL


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_readme_says_how(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
