"""Recording on pages: form, preview, refusal at its field, posting once, 更正."""

import uuid

import pytest

from compounds.ledger.models import Entry, LedgerHead
from tests.support import JINYUAN, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def compound():
    register("A", m2=1000, households=10)
    record("takeover", "2014-05-10", "A", m2=600, mode_to="professional")
    return "A"


def takeover(**fields) -> dict:
    return {
        "key": str(uuid.uuid4()), "effective_on": "2014-06-01", "precision": "day", "pocket": "abandoned:none",
        "mode_to": "owners", "area_dm2": "", "households": "", **fields,
    }  # fmt: skip


def height() -> int:
    return LedgerHead.objects.get().height


@pytest.mark.parametrize(
    "kind",
    ["register", "takeover", "mode_change", "provider_change", "lapse", "reclassify", "resurvey", "deregister"],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_form_opens(client, page, compound, kind, language):
    client.cookies["django_language"] = language
    assert page(f"/compounds/A/record/{kind}/").status_code == 200


def test_other_kinds_and_compounds_have_no_form(page, compound):
    assert page("/compounds/A/record/reversal/").status_code == 404
    assert page("/compounds/Z/record/takeover/").status_code == 404


def test_a_form_offers_what_there_was_on_the_date(page, compound):
    offered = page("/compounds/A/record/takeover/?effective_on=2014-02-01").context["form"].fields["pocket"].choices
    assert [label for _value, label in offered] == ["弃管小区 / 未实施物业管理:还有 1,000.00 ㎡ 未管,10 户"]
    assert page("/compounds/A/record/takeover/?effective_on=nonsense").status_code == 200


def test_a_new_date_brings_the_field_alone(page, compound):
    body = page("/compounds/A/record/lapse/?effective_on=2014-02-01", headers={"hx-request": "true"}).content.decode()
    assert body.lstrip().startswith('<div id="pocket">')


def test_preview_shows_before_and_after_and_records_nothing(client, page, compound):
    response = client.post("/compounds/A/record/takeover/", takeover(area_dm2="100", step="preview"))
    changes = {(c.category, c.mode): c.areas for c in response.context["preview"].changes}
    assert changes["abandoned", "none"] == (40_000, 30_000)
    assert changes["abandoned", "owners"] == (None, 10_000)
    assert height() == 2


def test_confirming_twice_posts_once(client, page, compound, bureau):
    form = takeover(step="confirm", basis_no="朝房物〔2014〕12号", note="<i>")
    first = client.post("/compounds/A/record/takeover/", form)
    assert first.url == "/compounds/A/"
    again = client.post("/compounds/A/record/takeover/", form, follow=True)
    assert "没有重复记录" in again.content.decode()
    entry = Entry.objects.get(height=height())
    assert (entry.height, entry.area_dm2, entry.households, entry.recorded_by) == (3, 40_000, 4, bureau)
    assert (entry.source, entry.source_key) == ("page", f"page:{form['key']}")
    assert "<i>" not in again.content.decode()


def test_a_month_stands_for_its_last_day(client, page, compound):
    client.post("/compounds/A/record/takeover/", takeover(precision="month", step="confirm"))
    entry = Entry.objects.get(height=3)
    assert (entry.effective_on.isoformat(), entry.precision) == ("2014-06-30", "month")


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("takeover", {"area_dm2": "400.01"}, "area_dm2"), ("takeover", {"area_dm2": "-5"}, "area_dm2"),
        ("takeover", {"area_dm2": "a"}, "area_dm2"), ("takeover", {"households": "9"}, "households"),
        ("takeover", {"effective_on": "2014-02-01", "area_dm2": "500"}, "area_dm2"),
        ("takeover", {"effective_on": "2099-01-01"}, "effective_on"),
        ("takeover", {"effective_on": "x"}, "effective_on"),
        ("takeover", {"pocket": "renovated:none"}, "pocket"), ("takeover", {"pocket": ""}, "pocket"),
        ("takeover", {"mode_to": "none"}, "mode_to"), ("takeover", {"key": "x"}, "key"),
        ("resurvey", {"area_dm2": "-500"}, "basis_name"), ("resurvey", {"basis_no": "1"}, "area_dm2"),
        ("reclassify", {"new_category": "abandoned", "basis_no": "1"}, "new_category"),
        ("register", {"category": "abandoned", "mode_to": "owners", "area_dm2": "5"}, "mode_to"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", ["preview", "confirm"])
def test_a_refusal_stands_at_its_field(client, page, compound, kind, fields, field, step):
    response = client.post(f"/compounds/A/record/{kind}/", takeover(**fields, step=step))
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert height() == 2


def test_a_pending_compound_takes_its_first_registration(client, page):
    make_compound("N", JINYUAN)
    form = takeover(category="unserved", mode_to="none", area_dm2="12,345.67", households="100", step="confirm")
    assert client.post("/compounds/N/record/register/", form).status_code == 302
    assert Entry.objects.get().area_dm2 == 1_234_567


def test_entry_shows_its_postings_and_checksums(page, compound):
    body = page("/entries/2/").content.decode()
    assert "−600.00" in body
    assert Entry.objects.get(height=2).hash in body
    assert Entry.objects.get(height=1).hash in body
    assert page("/entries/3/").status_code == 404
    assert page("/entries/99999999999999999999999/").status_code == 404


def test_correction_reverses_and_records_in_one_step(client, page, compound):
    assert page("/entries/2/correct/").context["form"]["area_dm2"].value() == 600
    form = takeover(
        effective_on="2014-05-10", mode_to="professional", area_dm2="1000", why="面积有误", action="replace"
    )
    preview = client.post("/entries/2/correct/", form | {"step": "preview"}).context["preview"]
    assert {c.mode: c.areas for c in preview.changes} == {"none": (40_000, None), "professional": (60_000, 100_000)}
    assert client.post("/entries/2/correct/", form | {"step": "confirm"}).url == "/compounds/A/"
    undone, anew = Entry.objects.filter(height__gt=2)
    assert (undone.reverses_id, undone.reason, anew.area_dm2) == (2, "面积有误", 100_000)
    client.post("/entries/2/correct/", form | {"step": "confirm"})
    assert height() == 4


def test_withdrawing_alone_needs_a_reason_only(client, page, compound):
    assert (
        client.post("/entries/2/correct/", {"action": "withdraw", "step": "confirm"}).context["reversal"].errors["why"]
    )
    client.post("/entries/2/correct/", {"action": "withdraw", "why": "重复", "step": "confirm"})
    assert Entry.objects.get(height=3).reverses_id == 2
    client.post("/entries/2/correct/", {"action": "withdraw", "why": "重复", "step": "confirm"})
    assert height() == 3
    body = page("/compounds/A/").content.decode()
    assert 'class="kind-takeover struck"' in body
    assert "/entries/3/" in body


def test_an_entry_that_others_need_is_not_withdrawn(client, page, compound):
    response = client.post("/entries/1/correct/", {"action": "withdraw", "why": "错", "step": "confirm"})
    assert "数据版次 2" in str(response.context["reversal"].non_field_errors())
    assert height() == 2


def test_admin_shows_the_ledger_and_changes_nothing(client, admin_user, compound):
    client.force_login(admin_user)
    assert client.get("/admin/compounds/entry/2/change/").status_code == 200
    assert client.get("/admin/compounds/entry/add/").status_code == 403
    assert client.post("/admin/compounds/entry/2/change/", {"note": "x"}).status_code == 403
    assert client.post("/admin/compounds/entry/2/delete/", {"post": "yes"}).status_code == 403


# --- back and forth, and two people at once --------------------------------------------------------------
def test_after_posting_the_form_is_not_taken_again_at_any_step(client, page, compound):
    form = takeover(area_dm2="1")
    client.post("/compounds/A/record/takeover/", form | {"step": "confirm"})
    for step in ("preview", "edit", "confirm"):
        again = client.post("/compounds/A/record/takeover/", form | {"area_dm2": "2", "step": step}, follow=True)
        assert "没有重复记录" in again.content.decode()
    assert height() == 3


def test_who_comes_second_sees_what_changed_and_records_all_the_same(client, page, compound):
    form = takeover(area_dm2="100", note="第二人")
    shown = client.post("/compounds/A/record/takeover/", form | {"step": "preview"})
    assert f'name="seen" value="{height()}"' in shown.content.decode()
    form |= {"step": "confirm", "seen": str(height())}
    record("takeover", "2014-05-20", "A", m2=250, mode_to="community")
    again = client.post("/compounds/A/record/takeover/", form)
    body = again.content.decode()
    assert (again.status_code, height()) == (200, 3)
    assert "/entries/3/" in body
    assert "仍要记录" in body
    changes = {(c.category, c.mode): c.areas for c in again.context["preview"].changes}
    assert changes["abandoned", "none"] == (15_000, 5_000)
    assert client.post("/compounds/A/record/takeover/", form | {"seen": str(height())}).status_code == 302
    assert Entry.objects.get(height=4).note == "第二人"


def test_what_is_no_longer_possible_for_the_second_stays_in_the_form(client, page, compound):
    form = takeover(area_dm2="300", note="第二人", step="confirm", seen="2")
    record("takeover", "2014-05-20", "A", m2=250, mode_to="community")
    body = client.post("/compounds/A/record/takeover/", form).content.decode()
    assert "/entries/3/" in body
    assert "第二人" in body
    assert 'value="300"' in body
    assert height() == 3


def test_what_happened_to_another_compound_is_no_matter(client, page, compound):
    register("B")
    record("takeover", "2014-06-01", "B", m2=1, mode_to="owners")
    assert client.post("/compounds/A/record/takeover/", takeover(step="confirm", seen="2")).status_code == 302


@pytest.mark.parametrize("seen", ["", "x", "²", "9" * 30, "-1", "\0"])
def test_a_form_that_says_nothing_of_what_was_seen_is_recorded(client, page, compound, seen):
    assert client.post("/compounds/A/record/takeover/", takeover(step="confirm", seen=seen)).status_code == 302


def correction(**fields) -> dict:
    return takeover(effective_on="2014-05-10", mode_to="professional", why="面积有误", action="replace", **fields)


def test_a_correction_that_comes_second_is_offered_for_what_took_its_place(client, page, compound):
    client.post("/entries/2/correct/", correction(area_dm2="500", step="confirm"))
    mine = correction(area_dm2="550", note="第二人")
    for step in ("preview", "confirm"):
        answer = client.post("/entries/2/correct/", mine | {"step": step})
        body = answer.content.decode()
        assert (answer.status_code, height()) == (200, 4)
        assert 'action="/entries/4/correct/"' in body
        assert 'href="/entries/4/"' in body
        assert "第二人" in body
        assert 'value="550"' in body
    client.post("/entries/4/correct/", mine | {"step": "confirm"})
    assert (height(), Entry.objects.get(height=6).area_dm2) == (6, 55_000)


def test_a_correction_of_what_was_only_withdrawn_says_so(client, page, compound):
    client.post("/entries/2/correct/", {"action": "withdraw", "why": "重复", "step": "confirm"})
    assert client.post("/entries/2/correct/", correction(step="confirm")).url == "/entries/2/"
    assert height() == 3
