"""What people type stands as they typed it, on every page and in every file, and does nothing else."""

import csv
import io
from html.parser import HTMLParser

import docx
import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse

from chaoyang_pm.kit.once.pages import MakesOnce
from communities.divisions.models import Division
from compounds.imports.models import ImportRun
from compounds.register.models import Compound
from tests import access
from tests.nasty import NASTY, put_everywhere
from tests.support import QIANJIN, make_compound, register, work
from tests.world import make_world

pytestmark = pytest.mark.django_db
PLACE = f"{NASTY[:50]}社区"


class Markup(HTMLParser):
    """What a browser would find: ``marks`` are elements and attributes that only the text could have brought."""

    def __init__(self):
        super().__init__()
        self.marks: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if "onerror" in given or given.get("src") == "x":
            self.marks.append(f"<{tag} {given}>")

    def handle_data(self, data):
        if self.lasttag in ("script", "style") and "executed" in data:
            self.marks.append(data)


def marks(page: str) -> list[str]:
    parser = Markup()
    parser.feed(page)
    return parser.marks


@pytest.fixture
def found(cast) -> dict:
    """One object of every kind, the same text in all that they say; a community and an account of that name, too."""
    world = make_world(cast)["own"]
    compound = make_compound("BAD", QIANJIN, NASTY)
    register("BAD", "2014-02-01", community=QIANJIN, m2="100000")
    put_everywhere(world, compound)
    Division.objects.filter(code=QIANJIN).update(name=PLACE, short_name=PLACE)
    type(cast["bureau"]).objects.filter(pk=cast["bureau"].pk).update(display_name=NASTY[:60])
    return world


@pytest.fixture
def bureau_client(client, cast) -> Client:
    client.force_login(cast["bureau"])
    return client


def test_the_reader_of_pages_finds_what_it_looks_for():
    assert marks(f"<p>{NASTY}</p>")
    assert marks(f"<p>{NASTY.replace('<', '&lt;')}</p>") == []


def test_on_every_page_it_is_text(bureau_client, found):
    wrong, shown = [], 0
    for name, row in access.ROWS.items():
        if row.is_open or row.is_api or not row.get or "bureau" not in row.get:
            continue
        about = () if row.about == "apart" else found[row.about] if row.about else ()
        answer = bureau_client.get(reverse(name, args=[*about, *row.args]), row.query)
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        page = answer.content.decode()
        shown += "executed" in page
        wrong += [f"{name}: {mark}" for mark in marks(page)]
    assert wrong == []
    assert shown > 40


@pytest.mark.parametrize("kind", ["takeover", "resurvey", "merge", "split", "relocate"])
def test_in_every_field_of_a_form_it_stays_as_it_was_typed(bureau_client, found, kind):
    address = f"/compounds/BAD/record/{kind}/"
    form = bureau_client.get(address).context["form"]
    texts = [name for name, field in form.fields.items() if not hasattr(field, "choices") and name != "key"]
    sent = dict.fromkeys(texts, NASTY) | {"key": str(form["key"].value()), "step": "preview"}
    page = bureau_client.post(address, sent).content.decode()
    assert marks(page) == []
    reader = Fields()
    reader.feed(page)
    assert {name for name in texts if name in reader.values and reader.values[name] != NASTY} <= {"parts"}


class Fields(HTMLParser):
    """The values of text fields."""

    def __init__(self):
        super().__init__()
        self.values: dict[str, str] = {}
        self.area = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "input" and given.get("type") in ("text", "date", "number"):
            self.values[given["name"]] = given.get("value", "")
        if tag == "textarea":
            self.area, self.values[given["name"]] = given["name"], ""

    def handle_data(self, data):
        if self.area:
            self.values[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        self.area = "" if tag == "textarea" else self.area


def test_search_and_its_list_show_it(bureau_client, found):
    for headers in ({}, {"HX-Request": "true"}):
        page = bureau_client.get("/search/", {"q": "BAD"}, headers=headers).content.decode()
        assert marks(page) == []
        assert "&lt;img src=x" in page
        page = bureau_client.get("/search/", {"q": NASTY}, headers=headers).content.decode()
        assert marks(page) == []


def test_lists_and_the_api_give_it_as_it_is(bureau_client, found):
    answer = bureau_client.get("/exports/compounds.csv")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert any(NASTY in line for line in lines)
    answer = bureau_client.get("/exports/compounds.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert any(cell.value == NASTY for row in sheet for cell in row)
    assert bureau_client.get("/api/v1/compounds/BAD/?format=json").json()["name"] == NASTY


def test_the_one_pager_gives_it_as_it_is(bureau_client, found):
    address = f"/divisions/{QIANJIN[:9]}/one-page"
    assert marks(bureau_client.get(f"{address}/").content.decode()) == []
    answer = bureau_client.get(reverse("onepager:document", args=[QIANJIN[:9]]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    word = docx.Document(io.BytesIO(content))
    assert any(PLACE in cell.text for table in word.tables for row in table.rows for cell in row.cells)


def test_an_annotated_workbook_and_its_page_give_it_as_it_is(bureau_client, found):
    book = openpyxl.Workbook()
    for line in (["小区名称", "社区", "建筑面积", "户数", "地址"], [NASTY, NASTY, NASTY, "x", NASTY]):
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    sent = {
        "workbook": "register", "file": SimpleUploadedFile(f"{NASTY[:40]}.xlsx", file.getvalue()),
        "default_date": "2014-01-01",
    }  # fmt: skip
    address = bureau_client.post("/imports/", sent).url
    work()
    page = bureau_client.get(address).content.decode()
    assert marks(page) == []
    assert "&lt;img src=x" in page
    run = ImportRun.objects.get(pk=address.split("/")[-2])
    copy = openpyxl.load_workbook(io.BytesIO(bureau_client.get(f"/imports/{run.pk}/annotated.xlsx").content))
    assert [cell.value for cell in copy.worksheets[0][2]][:3] == [NASTY] * 3


def test_a_new_compound_keeps_its_name(bureau_client, cast):
    sent = {"community": QIANJIN, "name": NASTY, "address": NASTY}
    answer = bureau_client.post("/register/new/", sent)
    assert answer.status_code == 302
    compound = Compound.objects.get()
    assert (compound.name, compound.address) == (NASTY, NASTY)
    assert bureau_client.post("/register/new/", sent).status_code == 200
    assert Compound.objects.count() == 1


# --- sent twice ------------------------------------------------------------------------------------------
#: Forms that post once by the key of the entry, the report, the decision or the change of divisions: it is their field
#: ``key``.
OWN_KEY = {
    "ledger:record", "ledger:correct", "structure:relocate", "structure:merge", "structure:split", "structure:correct",
    "successions:succeed", "reports:new", "reports:missing", "reports:edit", "review:report",
}  # fmt: skip
#: Forms that may come twice without a key, and why the second changes nothing.
NOTHING_MADE = {
    "a state that is set, whoever else set it": {
        "register:columns", "register:bulk", "register:edit", "register:fact", "register:building", "register:move",
        "register:retire", "register:change_view", "register:delete_view", "settings:edit_programme",
        "settings:edit_target", "divisions:correct", "structure:duplicates", "structure:apart",
        "approvals:second_persons", "approvals:decide", "imports:columns", "imports:words", "imports:forget",
        "imports:switch", "jobs:cancel", "notices:read", "notices:read_all", "notices:choices", "notices:schedule",
        "people:rename", "people:set_active", "people:end_appointment",
        "people:locks", "people:password", "people:end_sessions", "people:verify", "people:remove_factor",
        "modes:tender", "pilots:tell", "returns:act", "returns:rules", "reports:take", "review:rules",
        "plans:begin", "plans:drop", "plans:review", "plan_writing:deadlines",
    },
    "once for all": {
        "settings:lock", "programme:withdraw_version", "programme:withdraw_part", "words:withdraw", "files:withdraw",
        "tokens:revoke", "successions:detail", "people:second_factor", "modes:abandon", "pilots:withdraw",
        "plans:submit", "plans:decide",
    },
    "the same name is the same view": {"register:save_view"},
    "the same file is filed once": {"files:compound", "reports:upload", "plans:upload", "plans:add_scan"},
    "a new line by the request's own key": {"plans:cells"},
    "one job at a time works on it": {"imports:post", "imports:undo", "exports:start", "jobs:again", "review:together"},
    "the form names the step that is done": {"modes:advance"},
    "the form names the proposal that was looked at": {"plan_writing:propose"},
    "each link takes the place of the one before": {"people:reset"},
}  # fmt: skip
#: Forms that only their own office has: the street verifies what the committee handed in.
FORM_OF = {"review:report": "subdistrict"}
#: Forms that come in a second step.
SECOND_STEPS = {"people:new": {"role": "leader"}, "people:appoint": {"role": "leader"}}


class PostForms(HTMLParser):
    """The forms of a page that write: where each goes, and the names of its fields."""

    def __init__(self, page: str, address: str):
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self.is_open, self.address = False, address
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self.is_open = True
            self.found.append(((given.get("action") or self.address).partition("?")[0], set()))
        elif self.is_open and given.get("name"):
            self.found[-1][1].add(given["name"])

    def handle_endtag(self, tag):
        self.is_open = self.is_open and tag != "form"


def view_of(address: str):
    return getattr(resolve(address).func, "view_class", None)


def pages_with_forms(found: dict):
    for name, row in access.ROWS.items():
        if not row.is_open and not row.is_api:
            about = () if row.about == "apart" else found[row.about] if row.about else ()
            yield name, row, reverse(name, args=[*about, *row.args])


def test_whatever_a_form_makes_it_makes_once_and_none_comes_in_unnoticed(client, cast, found):
    """Every address that takes a form makes once by a key, or is named above with the reason why it needs none."""
    takes = {name: view_of(at) for name, row, at in pages_with_forms(found) if row.post is not None}
    by_key = {name for name, view in takes.items() if issubclass(view, MakesOnce)}
    excused = [name for names in NOTHING_MADE.values() for name in names]
    assert {*by_key, *OWN_KEY, *excused} ^ {*takes} == set()
    assert len(by_key) + len(OWN_KEY) + len(excused) == len(takes)
    seen, without = set(), []
    for name, row, at in pages_with_forms(found):
        if not row.get:
            continue
        reader = FORM_OF.get(name) or next((one for one in ("bureau", "committee") if one in row.get), "county")
        client.force_login(cast[reader])
        answer = client.get(at, row.query | SECOND_STEPS.get(name, {}))
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        for address, fields in PostForms(answer.content.decode(), at).found:
            goes_to = resolve(address).view_name
            needed = "once" if goes_to in by_key else "key" if goes_to in OWN_KEY else None
            if needed:
                seen.add(goes_to)
                without += [] if needed in fields else [f"{at}: the form to {address} lacks {needed}"]
    assert without == []
    assert seen == by_key | OWN_KEY


def test_an_open_page_makes_nothing_or_one_by_its_address():
    """The first account and a password by a link are made by a token that is gone afterwards."""
    opened = {name for name, row in access.ROWS.items() if row.is_open}
    assert opened == {
        "healthz", "set_language", "shell:theme", "people:login", "people:logout", "people:first_account",
        "people:link",
    }  # fmt: skip
