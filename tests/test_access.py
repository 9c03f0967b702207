"""Every URL × every role × own and neighbour's objects: outside one's scope 404, inside it without the right 403."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from compounds.ledger.services import record as post
from tests import access
from tests.support import draft, event, undone
from tests.world import SIDES, make_world

ROLES = [
    "bureau", "leader", "department", "county", "subdistrict", "committee", "auditor", "admin", "neighbour_county",
    "neighbour_subdistrict", "neighbour_committee", "nobody",
]  # fmt: skip
#: Objects of a county as a whole: those below it do not see them.
OF_COUNTY = {
    "run", "proposal", "basis_scan", "job", "task", "mapping", "sealed", "decided", "county", "plan", "plans",
    "plan_scan", "plan_workbook", "returned_plan",
}  # fmt: skip


def urls(resolver=None, namespace: tuple[str, ...] = ()) -> Iterator[str]:
    """The full name of every URL pattern; "?" for one without a name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from urls(pattern, (*namespace, pattern.namespace) if pattern.namespace else namespace)
        else:
            yield ":".join((*namespace, pattern.name or "?"))


def test_every_url_has_a_row_and_every_row_a_url():
    found = {name for name in urls() if not name.startswith("admin:")}
    assert found == set(access.ROWS)


def test_every_page_of_the_administration_has_a_row():
    kinds = ("changelist", "add", "history", "delete", "change")
    known = {f"{model}_{kind}" for model in access.ADMIN for kind in kinds} | access.ADMIN_ITSELF | {"?"}
    assert {name.removeprefix("admin:") for name in urls() if name.startswith("admin:")} == known


@pytest.fixture
def world(cast):
    return make_world(cast)


def sees(role: str, side: str, about: str) -> bool:
    """Whether an object of a side lies in the scope of a role."""
    if about in ("export", "view", "notice"):  # whoever asked for it, or keeps it
        return role == f"{SIDES[side][2]}county"
    if role in access.CITY:
        return True
    if about == "succession":
        return False
    prefix = SIDES[side][2]
    levels = ["county"] if about in OF_COUNTY else ["county", "subdistrict", "committee"]
    return role in {f"{prefix}{level}" for level in levels}


def expected(row: access.Row, role: str, side: str, method: str) -> set[int] | str:
    """Status codes that are right, or "fine" for anything that is neither a denial nor an error."""
    allowed = getattr(row, method)
    if allowed is None:
        return {405, 403, 404}
    if row.about not in ("", "apart") and not sees(role, side, row.about):
        # An endpoint of the API says 403 to a role that may with none, whether there is such an object or not.
        never = row.is_api and role.removeprefix("neighbour_") not in allowed
        return (
            {403, 404}
            if never or role == "nobody" or row.about in ("succession", "export", "view", "notice")
            else {404}
        )
    return "fine" if role.removeprefix("neighbour_") in allowed else {403}


def walk(client: Client, world, role: str) -> list[str]:
    """What is wrong for one role, a line each."""
    wrong = []
    for name, row in access.ROWS.items():
        if row.is_open:
            continue
        for side in SIDES if row.about else ("own",):
            about = world[side].get(row.about, ())
            data = row.data
            if row.about == "apart":
                data, about = {"pair": about.pk}, ()
            address = reverse(name, args=[*about, *row.args])
            for method in ("get", "post"):
                with undone():
                    status = getattr(client, method)(address, data).status_code
                right = expected(row, role, side, method)
                if row.about == "apart" and method == "post" and right == "fine" and not sees(role, side, "compound"):
                    right = {404}
                if not (status < 500 and status not in (403, 404) if right == "fine" else status in right):
                    wrong.append(f"{role} {method} {side} {address}: {status}, right is {right}")
    return wrong


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_pages(role, cast, world):
    client = Client()
    client.force_login(cast[role])
    assert walk(client, world, role) == []


@pytest.mark.django_db
def test_nothing_but_the_door_is_open_without_log_in(world):
    client, wrong = Client(), []
    for name, row in access.ROWS.items():
        if row.is_open:
            continue
        about = world["own"].get(row.about, ())
        address = reverse(name, args=[*(() if row.about == "apart" else about), *row.args])
        for method in ("get", "post"):
            answer = getattr(client, method)(address)
            led = answer.status_code == 302 and answer.url.startswith("/accounts/login/")
            told = answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
            if not (told if row.is_api else led):
                wrong.append(f"{method} {address}: {answer.status_code}")
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_administration(role, cast, world):
    client, wrong = Client(), []
    client.force_login(cast[role])
    assert client.get(reverse("admin:index")).status_code == (200 if role in access.ENTER else 302)
    for model, rights in access.ADMIN.items():
        app, _underscore, name = model.rpartition("_")
        pk = first_key(app, name)
        sees_it, adds, changes, deletes = (role in right for right in rights)
        for kind, args, methods in (
            ("changelist", [], {"get": sees_it}),
            ("add", [], {"get": adds, "post": adds}),
            ("change", [pk], {"get": sees_it, "post": changes}),
            ("history", [pk], {"get": sees_it}),
            ("delete", [pk], {"get": deletes, "post": deletes}),
        ):
            if pk is None and args:
                continue
            address = reverse(f"admin:{model}_{kind}", args=args)
            for method, allowed in methods.items():
                with undone():
                    answer = getattr(client, method)(address)
                denied = answer.status_code == 403 or (answer.status_code == 302 and "/admin/login/" in answer.url)
                if denied == allowed or answer.status_code >= 500:
                    wrong.append(f"{role} {method} {address}: {answer.status_code}, allowed: {allowed}")
    assert wrong == []


def first_key(app: str, name: str):
    from django.apps import apps

    return apps.get_model(app, name).objects.values_list("pk", flat=True).first()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["county", "subdistrict", "committee", "neighbour_county", "neighbour_committee"])
def test_lists_name_nothing_of_the_neighbour(role, cast, world):
    """What lists, search and filters show: no compound, file or number of the other side."""
    client = Client()
    client.force_login(cast[role])
    other = "NEIGHBOUR" if not role.startswith("neighbour_") else "OWN"
    addresses = [
        "/compounds/", f"/compounds/?q={other}", "/compounds/?unmanaged=on", "/compounds/?division=211303",
        "/compounds/?division=211302", "/imports/", "/approvals/?all=1", "/jobs/?whose=all", "/compounds/duplicates/",
        "/compounds/duplicates/apart/", "/review/", "/review/?whose=all", "/review/ageing/",
    ]  # fmt: skip
    for address in addresses:
        body = client.get(address).content.decode()
        assert f"小区{other}" not in body, address
        assert f">{other}" not in body, address


@pytest.mark.django_db
def test_a_compound_that_moved_away_shows_what_happened_here_only(cast, world):
    """DESIGN.md: a user reads a compound whose past or present community is in scope, its postings there only."""
    moved = post(
        draft=draft(event("relocate", "2015-01-01", "OWN", community="211303004001")), by=None, source=Source.COMMAND
    )
    later = post(
        draft=draft(event("lapse", "2015-02-01", "OWN", category="abandoned", mode_from="professional", m2=10)),
        by=None, source=Source.COMMAND,
    )  # fmt: skip
    client = Client()
    client.force_login(cast["county"])
    body = client.get(reverse("register:detail", args=["OWN"])).content.decode()
    assert f"/entries/{moved.height}/" in body
    assert f"/entries/{later.height}/" not in body
    assert client.get(reverse("ledger:entry", args=[later.height])).status_code == 404
    assert client.post(reverse("register:edit", args=["OWN"])).status_code == 403
    client.force_login(cast["neighbour_county"])
    assert client.get(reverse("ledger:entry", args=[later.height])).status_code == 200
    first = Entry.objects.filter(compound__code="OWN").order_by("height").first()
    assert client.get(reverse("ledger:entry", args=[first.height])).status_code == 404
