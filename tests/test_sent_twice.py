"""A form that makes something, sent twice: one is made, and the answer to the second leads to it."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chaoyang_pm.kit.once.pages import MakesOnce
from communities.divisions.models import Division
from communities.people.models import Appointment, User
from communities.tokens.models import Token
from compounds.imports.models import ImportRun, Synonym
from compounds.modes.fact_models import FeeYear, ServicePoint, Vote
from compounds.modes.models import EvidenceRule, Procedure, StepRecord
from compounds.pilots.models import Pilot
from compounds.register.models import Building, Compound
from oversight.programme.models import CountingRule, PartVersion, Target, TargetVersion
from tests.support import QIANJIN, make_compound, register
from tests.test_bad_input import pages_with_forms, view_of
from tests.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast) -> dict:
    return make_world(cast)["own"]


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


PAPER = {"document": "通知", "valid_from": "2014-06-01", "reason": "调整", "step": "confirm"}
#: What is made, where, and by which form (a file as its content).
MADE = {
    "account": (User, "/accounts/new/?role=leader", {"display_name": "双击", "since": "2014-01-01"}),
    "accounts": (User, "/accounts/workbook/", {"answer": "page", "file": lines("姓名,岗位", "双击,市领导")}),
    "appointment": (Appointment, "/accounts/{account}/appointments/?role=leader", {"since": "2014-01-01"}),
    "token": (Token, "/accounts/tokens/new/", {"name": "双击", "scopes": ["coverage:read"], "days": "30"}),
    "compound": (Compound, "/register/new/", {"community": QIANJIN, "name": "双击小区"}),
    "building": (Building, "/compounds/BAD/buildings/", {"name": "双击"}),
    "run": (
        ImportRun, "/imports/",
        {"workbook": "register", "default_date": "2014-01-01", "file": lines("小区名称,社区", "双击,前进")},
    ),
    "run of reports": (
        ImportRun, "/reports/workbook/", {"file": lines("小区编号,上报事项,发生日期", "BAD,接管,2014-07-02")},
    ),
    "division": (Division, "/settings/divisions/add/", {"code": f"{QIANJIN[:9]}099", "name": "双击社区"}),
    "word": (Synonym, "/settings/words/", {"word": "双击", "meaning": "category/abandoned"}),
    "rule": (
        CountingRule, "/settings/rules/",
        {"code": "twice", "name": "双击", "valid_from": "2014-06-01", "modes": ["owners"], "step": "confirm"},
    ),
    "target": (
        Target, "/settings/targets/new/",
        PAPER | {
            "code": "T9", "name": "双击", "clause": "P3.3", "unit": "area", "categories": ["abandoned"],
            "divisions": ["211302"], "position": "9", "deadline": "2015-12-31", "required": "100",
        },
    ),
    "version": (
        TargetVersion, "/targets/T1/adjust/", PAPER | {"deadline": "2015-06-30", "required": "280"},
    ),
    "part": (
        PartVersion, "/targets/T1/divide/2113/",
        PAPER | {"columns": "0", "deadline-211302": "2014-12-31", "required-211302": "100"},
    ),
    "procedure": (Procedure, "/compounds/BAD/procedure/", {"way": "P4.2a:professional", "on": "2014-07-02"}),
    "act taken back": (StepRecord, "/procedures/{procedure}/take-back/", {"reason": "误"}),
    "vote": (
        Vote, "/procedures/{procedure}/votes/{vote_step}/",
        {
            "held_on": "2014-07-02", "area_dm2": "100", "heads": "10", "area_for_dm2": "90", "heads_for": "9",
            "act": "confirm",
        },
    ),
    "fees": (FeeYear, "/procedures/{self_help}/fees/", {"year": "2015", "income_fen": "100", "cost_fen": "90"}),
    "post": (ServicePoint, "/procedures/{entrusted}/points/", {"kind": "post", "name": "保安", "people": "2"}),
    "evidence": (EvidenceRule, "/settings/takeovers/", {"valid_from": "2014-07-02", "is_asked": "1"}),
    "pilot": (Pilot, "/compounds/PILOT/pilot/", {"mode": "owners", "started_on": "2014-03-01"}),
}  # fmt: skip


@pytest.fixture
def twice(request, client, cast):
    """Send a form twice as it stands; the answers, and how many rows came of it."""
    make_compound("BAD", QIANJIN, "凌河家园")
    register("PILOT", community=QIANJIN, m2=100)

    def send(made: str, *, again: dict | None = None):
        model, address, fields = MADE[made]
        named = {"account": cast["committee"].pk}
        if "/procedures/" in address:
            world = request.getfixturevalue("world")
            named = {name: key[-1] for name, key in world.items() if isinstance(key, tuple)}
        # Procedures are brought on by those who look after the compound.
        client.force_login(cast["county" if "procedure" in address or "pilot" in address else "bureau"])
        address = address.format(**named)
        before, key = model.objects.count(), str(uuid.uuid4())

        def once(more: dict):
            file = {"file": SimpleUploadedFile("双击.csv", fields["file"])} if "file" in fields else {}
            return client.post(address, fields | file | {"once": key} | more)

        answers = [once({}), once(again or {})]
        return answers, model.objects.count() - before

    return send


def test_every_form_that_makes_something_is_sent_twice_below(world):
    named = dict.fromkeys(("account", *world), 1)
    sent = {view_of(address.partition("?")[0].format(**named)) for _model, address, _fields in MADE.values()}
    takes = {view_of(at) for _name, row, at in pages_with_forms(world) if row.post is not None}
    assert sent == {view for view in takes if issubclass(view, MakesOnce)}


@pytest.mark.parametrize("made", MADE)
def test_sent_twice_a_form_makes_one_and_leads_to_the_same(twice, made):
    (first, second), number = twice(made)
    assert number == 1, first.content.decode()
    assert first.status_code in (200, 302)
    assert (second.status_code, second.get("Location")) == (first.status_code, first.get("Location"))


def test_the_same_form_with_another_content_is_another_form(twice):
    assert twice("token", again={"name": "另一平台"})[1] == 2
    assert twice("compound", again={"name": "另一小区"})[1] == 2


def test_a_form_that_was_refused_may_be_sent_again(as_):
    sent = {"name": "平台", "scopes": ["coverage:read"], "days": "0", "once": str(uuid.uuid4())}
    refused = as_("bureau").post("/accounts/tokens/new/", sent)
    assert f'value="{sent["once"]}"' in refused.content.decode()
    assert as_("bureau").post("/accounts/tokens/new/", sent | {"days": "30"}).context["secret"]


@pytest.mark.parametrize("made", ["account", "accounts"])
def test_of_an_account_that_was_made_twice_the_last_slip_opens_it(twice, made):
    (first, second), _number = twice(made)
    (before,), (after,) = first.context["slips"], second.context["slips"]
    assert "同一表单提交了两次" in second.content.decode()
    account = User.objects.get(pk=before.user.pk)
    assert account == after.user
    assert [account.check_password(one.password) for one in (before, after)] == [False, True]


def test_of_a_token_that_was_made_twice_the_last_secret_opens(twice):
    answers, _number = twice("token")
    opens = [Client().get("/api/v1/coverage/", headers={"Authorization": f"Bearer {a.context['secret']}"})
             for a in answers]  # fmt: skip
    assert [answer.status_code for answer in opens] == [401, 200]


@pytest.mark.parametrize(("made", "leads"), [("account", "/accounts/"), ("token", "/accounts/tokens/")])
def test_later_nothing_that_was_handed_over_is_replaced(twice, monkeypatch, made, leads):
    monkeypatch.setattr("communities.people.initial.AGAIN", datetime.timedelta(0))
    monkeypatch.setattr("communities.tokens.services.AGAIN", datetime.timedelta(0))
    (first, second), number = twice(made)
    assert (number, second.status_code, second.url) == (1, 302, leads)
    if made == "account":
        (slip,) = first.context["slips"]
        assert User.objects.get(pk=slip.user.pk).check_password(slip.password)
