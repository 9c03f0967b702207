"""One fact for several compounds: preview, all or none, within one's rights, once also when tapped twice."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied

from compounds.register import bulk
from compounds.register.models import Compound
from tests.support import HAIHE, QIANJIN, make_compound, record, register

pytestmark = pytest.mark.django_db
NASTY = """<b>"粗'体"</b>"""
PATH = "/register/bulk/"


@pytest.fixture
def some(cast, client):
    for code in ("A", "B", "C"):
        make_compound(code, QIANJIN, duty_person="甲" if code == "A" else "")
        register(code, community=QIANJIN)
    make_compound("X", HAIHE)
    register("X", community=HAIHE)
    client.force_login(cast["county"])


def persons() -> str:
    return ",".join(Compound.objects.order_by("code").values_list("duty_person", flat=True))


def ask(client, step="", value="", query="", **more):
    return client.post(f"{PATH}?{query}", {"fact": "duty_person", "step": step, "duty_person": value} | more)


def test_chosen_rows_are_previewed_and_then_changed_together(client, some):
    assert 'form="bulk"' in client.get("/compounds/").content.decode()
    chosen = {"code": ["A", "B", "X"]}  # X is the neighbour's and unknown here
    assert [one.code for one, _before in ask(client, **chosen).context["sample"]] == ["A", "B"]
    shown = ask(client, "preview", NASTY, **chosen)
    assert NASTY not in shown.content.decode()
    preview = shown.context["preview"]
    assert [(line.compound.code, line.before, line.after) for line in preview.lines] == [
        ("A", "甲", NASTY), ("B", "—", NASTY),
    ]  # fmt: skip
    assert persons() == "甲,,,"
    sent = chosen | {"fingerprint": preview.fingerprint}
    assert ask(client, "apply", NASTY, **sent).status_code == 302
    assert ask(client, "apply", NASTY, **sent).context["preview"].changing == 0  # tapped twice
    assert persons() == f"{NASTY},{NASTY},,"
    edits = LogEntry.objects.filter(action=LogEntry.Action.UPDATE, changes__has_key="duty_person")
    assert edits.count() == 2
    assert {str(edit.actor) for edit in edits} == {"county"}


def test_all_that_the_filters_leave(client, some):
    record("takeover", "2014-05-01", "C", mode_to="owners")
    preview = ask(client, "preview", "乙", "unmanaged=on", which="all").context["preview"]
    assert [line.compound.code for line in preview.lines] == ["A", "B"]


def test_nothing_is_saved_if_something_changed_since_the_preview(client, some):
    preview = ask(client, "preview", "乙", which="all").context["preview"]
    Compound.objects.filter(code="C").update(duty_person="丙")
    again = ask(client, "apply", "乙", which="all", fingerprint=preview.fingerprint)
    assert persons() == "甲,,丙,"
    assert again.context["preview"].lines[2].before == "丙"
    assert ask(client, "apply", "丁", which="all", fingerprint=preview.fingerprint).status_code == 200
    assert persons() == "甲,,丙,"


def test_all_or_none_within_the_matrix(cast, some):
    everybody = Compound.objects.all()
    seen = bulk.preview(everybody, name="duty_person", value="乙", by=cast["county"])
    assert [one.code for one in seen.beyond] == ["X"]
    with pytest.raises(PermissionDenied):
        bulk.apply(compounds=everybody, name="duty_person", value="乙", fingerprint=seen.fingerprint, by=cast["county"])
    assert persons() == "甲,,,"


def test_what_cannot_be_set_is_refused(client, some, monkeypatch):
    for name in ("name", "residential_area_dm2", "has_area", "community", "x"):
        assert client.post(PATH, {"fact": name, "which": "all"}).status_code == 400
    assert ask(client).url == "/compounds/?"
    assert ask(client, "preview", "长" * 100, which="all").context["form"].errors
    monkeypatch.setattr(bulk, "MOST", 2)
    assert ask(client, which="all").status_code == 302
