"""What surrounds every page: rooms by role, the division that is remembered, late entries, light and dark, help."""

import pytest
from django.test import Client

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from communities.divisions.models import Division
from compounds.ledger.models import Entry
from oversight.shell import late, navigation, places
from tests.support import JINYUAN, QIANJIN, day, record, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_in(cast):
    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(cast[role])
        return client

    return log_in


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        ("leader", ["coverage:city", "programme:targets"]),
        ("committee", ["desk:home", "register:list", "reports:home"]),
        ("nobody", []),
        ("county", [
            "desk:home", "coverage:city", "programme:targets", "plans:list", "register:list", "reports:home",
            "review:queue", "returns:list", "imports:start", "people:accounts",
        ]),
    ],
)  # fmt: skip
def test_rooms_of_a_role(cast, role, rooms):
    assert [room.url_name for room in navigation.rooms_of(cast[role])] == rooms


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("/", "/divisions/211302/"),
        ("/nowhere/", "/divisions/211302/"),
        ("/targets/?as_of=2015-01-01", "/divisions/211302/"),
        ("/divisions/2113/?as_of=2015-01-01&by=county", "/divisions/211302/?as_of=2015-01-01"),
        ("/divisions/2113/series/?from=2015-01", "/divisions/211302/series/?from=2015-01"),
        ("/compounds/?division=2113&page=4&unmanaged=on", "/compounds/?unmanaged=on&division=211302"),
    ],
)
def test_another_divisions_page_is_of_the_same_kind(reference, origin, address):
    assert places.address(Division.objects.get(pk="211302"), origin) == address


def test_the_choice_is_remembered_within_the_scope(log_in):
    client = log_in("bureau")
    assert client.get("/switch/?to=211302&from=/compounds/").url == "/compounds/?division=211302"
    assert 'href="/divisions/211302/"' in client.get("/targets/").content.decode()
    county = log_in("county")
    assert county.get("/switch/?to=211303").status_code == 404
    listed = county.get("/switch/?at=211303").content.decode()
    assert "to=211303" not in listed
    assert "to=211302003&" in listed.replace("&amp;", "&")


def test_where_no_division_was_chosen_the_choice_begins_at_the_top(log_in):
    found = log_in("bureau").get("/switch/").context
    assert [place.code for place in found["way"]] == ["2113"]
    assert "211302" in {place.code for place in found["below"]}


@pytest.mark.parametrize("origin", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_the_way_back_stays_in_the_portal(log_in, origin):
    client = log_in("bureau")
    assert client.get("/switch/", {"to": "211302", "from": origin}).url == "/divisions/211302/"
    assert client.post("/theme/", {"theme": "dark", "next": origin}).url == "/"


def test_late_entries_are_those_recorded_after_the_month(reference):
    register("A", "2014-01-10", community=QIANJIN)
    record("takeover", "2014-02-10", "A", mode_to="professional", m2=10)
    newest = Entry.objects.order_by("-height").first()
    asked = {"as_of": day("2014-01-31"), "height": newest.height}
    assert late.entries_after_the_month(**asked, scope=EVERYWHERE) == 1
    assert late.entries_after_the_month(**asked, scope=Scope((QIANJIN,))) == 1
    assert late.entries_after_the_month(**asked, scope=Scope((JINYUAN,))) == 0
    assert late.entries_after_the_month(as_of=day("2013-12-31"), height=newest.height, scope=EVERYWHERE) == 0


def test_late_entries_stand_beside_the_date(log_in):
    register("A", "2014-01-10", community=QIANJIN)
    assert "含补报 1 笔" in log_in("bureau").get("/?as_of=2014-01-31").content.decode()


def test_light_or_dark_is_kept_in_the_browser(log_in):
    client = log_in("bureau")
    assert 'media="screen and (prefers-color-scheme: dark)"' in client.get("/targets/").content.decode()
    client.post("/theme/", {"theme": "dark", "next": "/targets/"})
    assert 'media="screen"' in client.get("/targets/").content.decode()
    client.post("/theme/", {"theme": "light"})
    assert "dark.css" not in client.get("/targets/").content.decode()
    client.cookies["theme"] = "<script>"
    assert "<script>&" not in client.get("/targets/").content.decode()
    client.post("/theme/", {"theme": ""})
    assert "(prefers-color-scheme: dark)" in client.get("/targets/").content.decode()


def test_help_shows_the_clause_behind_the_page(log_in):
    client = log_in("leader")
    assert "302 万平方米" in client.get("/help/?from=/targets/").content.decode()
    assert "<dt>P" not in client.get("/help/?from=/nowhere/").content.decode()


def test_every_shared_component_is_shown(log_in):
    answer = log_in("admin").get("/components/")
    used = {template.name for template in answer.templates if template.name}
    for name in (
        "page_head", "filter_bar", "stat", "steps", "moment", "empty", "confirm", "progress", "area_bar", "rate",
        "status", "cover_state", "step_state", "pocket_changes", "findings", "field", "errors", "date_field",
        "fields", "form_actions", "table_head", "sort_head", "how_cell",
        "how_fold",
    ):  # fmt: skip
        assert f"components/{name}.html" in used


def test_a_community_begins_with_what_it_reports_about(cast, client):
    client.force_login(cast["committee"])
    assert client.get("/").url == "/reports/"
    client.force_login(cast["subdistrict"])
    assert client.get("/").url.startswith("/divisions/")
