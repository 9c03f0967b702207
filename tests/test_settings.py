"""Settings that cannot be used stop the start, and name their variable; every variable is documented."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from chaoyang_pm.release import release

ROOT = Path(__file__).resolve().parent.parent
#: Values that cannot be used, by variable. A new variable needs a row, and a line in the guide.
UNUSABLE = {
    "CHAOYANG_PM_BUSINESS_DATE": ["2015-13-01", "yesterday"],
    "CHAOYANG_PM_DEBUG": ["perhaps"],
    "CHAOYANG_PM_HTTPS": ["2"],
    "CHAOYANG_PM_DATA_DIR": ["/dev/null/data"],
    "CHAOYANG_PM_SECRET_KEY": ["short", "a" * 60],
    "CHAOYANG_PM_ALLOWED_HOSTS": ["https://portal.example.cn", "portal.example.cn:8000", "a b", "portal.example.cn,*"],
    "CHAOYANG_PM_TRUSTED_ORIGINS": ["portal.example.cn", "https://portal.example.cn/path"],
    "CHAOYANG_PM_LOG_LEVEL": ["LOUD"],
    "CHAOYANG_PM_API_RATE": ["0", "often"],
    "CHAOYANG_PM_JOBS_LEASE": ["0", "soon", "nan", "-5"],
    "CHAOYANG_PM_JOBS_SWEEP": ["0", "inf"],
    "CHAOYANG_PM_JOBS_ATTEMPTS": ["0", "many"],
    "EMAIL_URL": ["nonsense", "http://host:25", "smtp://host", "smtp+tls://user:hidden@host:port", "smtp://h:25/x"],
    "CHAOYANG_PM_EMAIL_FROM": ["portal", "a b <c>", "portal@localhost"],
    "CHAOYANG_PM_ADDRESS": ["portal.example.cn", "https://portal.example.cn/path"],
    "CHAOYANG_PM_SMS": ["Console", "sms/Console.py"],
    "DATABASE_URL": ["nonsense", "mysql://host/name", "postgres://user@host", "postgres://user@host:port/name"],
    "REDIS_URL": ["nonsense", "http://host", "redis://", "redis://host:99999/0", "redis://host/name"],
}
#: Variables for which any text will do.
FREE = {"REDIS_PREFIX"}
#: Those of ``make run``, which are no settings.
RUN = {"HOST", "PORT", "DEMO"}


def variables() -> set[str]:
    text = (ROOT / "chaoyang_pm" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r'"((?:CHAOYANG_PM|DATABASE|REDIS)_[A-Z_]+|EMAIL_URL)"', text))


def start(code: str, folder, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
        env={**os.environ, "CHAOYANG_PM_DATA_DIR": str(folder), **given},
    )  # fmt: skip


ONE_BY_ONE = """
import importlib, os, sys
from django.core.exceptions import ImproperlyConfigured
import chaoyang_pm.settings as settings
for row in sys.stdin.read().split("\\n"):
    name, _tab, value = row.partition("\\t")
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        importlib.reload(settings)
    except ImproperlyConfigured as refused:
        print(f"{name}\\t{value}\\t{refused}")
    else:
        print(f"{name}\\t{value}\\taccepted")
    os.environ.pop(name) if before is None else os.environ.update({name: before})
"""


def test_every_unusable_value_is_refused_by_the_name_of_its_variable(tmp_path):
    rows = [f"{name}\t{value}" for name, values in UNUSABLE.items() for value in values]
    result = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE], input="\n".join(rows), cwd=settings.BASE_DIR, capture_output=True,
        text=True, check=False, env={**os.environ, "CHAOYANG_PM_DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    answers = [line.split("\t") for line in result.stdout.splitlines()]
    assert [f"{name}\t{value}" for name, value, _answer in answers] == rows, result.stderr
    wrong = [answer for answer in answers if not answer[2].startswith(f"{answer[0]}: expected ")]
    assert wrong == []


def test_a_password_in_an_address_is_not_repeated(tmp_path):
    result = start("import chaoyang_pm.settings", tmp_path, DATABASE_URL="postgres://user:hidden@host:port/name")
    assert "DATABASE_URL: expected" in result.stderr
    assert "hidden" not in result.stderr.splitlines()[-1]


def test_a_command_stops_with_the_name(tmp_path):
    code = "import sys; sys.argv = ['manage.py', 'check']; exec(open('manage.py').read())"
    result = start(code, tmp_path, CHAOYANG_PM_HTTPS="2")
    assert result.returncode != 0
    assert "ImproperlyConfigured: CHAOYANG_PM_HTTPS: expected" in result.stderr


def test_every_variable_has_unusable_values_or_takes_any_text():
    assert variables() == UNUSABLE.keys() | FREE


@pytest.mark.parametrize("place", ["docs/deployment.md", "chaoyang_pm/settings.py"])
def test_every_variable_is_documented(place):
    text = (ROOT / place).read_text(encoding="utf-8")
    expected = variables() | (RUN if place.startswith("docs") else set())
    assert {name for name in expected if f"`{name}`" not in text} == set()


def test_a_release_is_its_number_and_its_program(tmp_path):
    """A portal that is brought up to date between two numbers is another release, too."""
    project = ROOT / "pyproject.toml"
    assert f'version = "{settings.RELEASE.partition("+")[0]}"' in project.read_text(encoding="utf-8").splitlines()
    program = tmp_path / "portal" / "room"
    program.mkdir(parents=True)
    shutil.copy(project, tmp_path)
    found = []
    for text in ("a = 1", "a = 2", "a = 1"):
        (program / "api.py").write_text(text)
        found.append(release(tmp_path, ["portal"]))
    assert found[0] == found[2] != found[1]
    (program / "api.py").rename(program / "views.py")
    assert release(tmp_path, ["portal"]) not in found
    project_there = tmp_path / "pyproject.toml"
    project_there.write_text(project_there.read_text(encoding="utf-8").replace('version = "', 'version = "9'))
    assert release(tmp_path, ["portal"]).startswith("9")
