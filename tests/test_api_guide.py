"""``docs/api-guide.md`` says what works: its blocks are run in their order against a portal, as they stand."""

import re
import shlex
import shutil
import subprocess

import pytest

from compounds.ledger.models import Entry
from compounds.register.models import Compound
from scripts.messages import ROOT
from tests.support import HAIHE, QIANJIN, ask, person, register

GUIDE = ROOT / "docs" / "api-guide.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def test_every_block_is_run():
    assert {language for language, _text in blocks()} == {"sh", "bash", "python"}
    assert GUIDE.read_text(encoding="utf-8").count("```") == 2 * len(blocks())


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_the_guide(reference, live_server, settings, monkeypatch, tmp_path, capsys):
    person("county_211302", "county", "211302")
    for number in range(205):  # more than two pages
        register(f"C{number:03}", m2=1000 + number, community=QIANJIN)
    register("N", community=HAIHE)
    monkeypatch.setenv("PORTAL", live_server.url)
    settings.API_RATE = 10_000
    guide = {"__name__": "guide"}
    for language, text in blocks():
        if language == "sh":
            program, command, name, *arguments = shlex.split(text)
            assert (program, command, name) == ("python", "manage.py", "create_token")
            monkeypatch.setenv("TOKEN", ask(name, *arguments).out.strip())
        elif language == "bash":
            if shutil.which("curl"):
                subprocess.run(["bash", "-euc", text], cwd=tmp_path, check=True)
        else:
            exec(compile(text, str(GUIDE), "exec"), guide)
    said = capsys.readouterr().out
    assert [row["code"] for row in guide["compounds"]] == [f"C{number:03}" for number in range(205)]
    assert "205 compounds with unmanaged area" in said
    assert [entry["height"] for entry in guide["entries"]] == list(range(1, 206))
    assert guide["kept"] == 206
    assert guide["posted"] == guide["again"]
    assert guide["posted"]["height"] == 207 == Entry.objects.count() - 2
    entry = Entry.objects.get(height=207)
    assert (entry.compound.code, entry.area_dm2, entry.recorded_by.username) == ("C000", 12_050, "county_211302")
    assert "422" in said
    assert "409" in said
    assert guide["report"]["entry_height"] == Entry.objects.get(report=guide["report"]["id"]).height == 209
    assert "area_m2" in said
    assert guide["coverage"]["division"]["code"] == "211302"
    assert Compound.objects.count() == 207
    assert Compound.objects.get(name="东区").code in str(guide["divided"]["parts"])
    if shutil.which("curl"):
        assert "211302" in (tmp_path / "counties.csv").read_text(encoding="utf-8-sig")


def test_waiting_is_as_the_portal_says(monkeypatch):
    """What the guide's function does with 429, an error of the server, and no answer at all."""
    import io
    import urllib.error
    import urllib.request

    monkeypatch.setenv("PORTAL", "http://portal")
    monkeypatch.setenv("TOKEN", "cpm_x")
    guide: dict = {"__name__": "guide"}
    exec(next(text for language, text in blocks() if language == "python"), guide)
    answers = [
        urllib.error.HTTPError("", 429, "", {"Retry-After": "7"}, io.BytesIO(b"{}")), OSError("no answer"),
        urllib.error.HTTPError("", 503, "", {}, io.BytesIO(b"{}")), io.BytesIO(b'{"ok": true}'),
    ]  # fmt: skip
    waits: list[float] = []

    def urlopen(request, timeout):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(guide["time"], "sleep", waits.append)
    assert guide["call"]("/") == {"ok": True}
    assert waits == [7, 4, 8]
