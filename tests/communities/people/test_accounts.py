"""Who looks after whose account, and the pages on which it is done."""

import datetime
import re

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from communities.divisions.models import Division
from communities.people import selectors, services
from communities.people.choices import Role
from communities.people.models import User
from tests.support import day, person

pytestmark = pytest.mark.django_db

#: Whom each of the cast looks after; nobody else of it looks after anybody.
MANAGES = {
    "admin": {
        "bureau", "leader", "department", "county", "subdistrict", "committee", "auditor", "admin",
        "neighbour_county", "neighbour_subdistrict", "neighbour_committee", "nobody",
    },
    "bureau": {
        "leader", "department", "county", "subdistrict", "committee", "neighbour_county", "neighbour_subdistrict",
        "neighbour_committee",
    },
    "county": {"subdistrict", "committee"},
    "neighbour_county": {"neighbour_subdistrict", "neighbour_committee"},
}  # fmt: skip
CAST = sorted(MANAGES["admin"])
#: Whom a county finds among the accounts: those of its own division and below.
FINDS = {
    "admin": set(CAST), "bureau": set(CAST), "auditor": set(CAST), "county": {"county", "subdistrict", "committee"},
    "neighbour_county": {"neighbour_county", "neighbour_subdistrict", "neighbour_committee"},
}  # fmt: skip
PAGES = ["rename", "set_active", "reset", "appoint"]


@pytest.mark.parametrize("who", CAST)
def test_who_looks_after_whom(cast, who):
    by = User.objects.get(pk=cast[who].pk)
    allowed = {name for name, account in cast.items() if by.may("people.manage", User.objects.get(pk=account.pk))}
    assert allowed == MANAGES.get(who, set())


@pytest.mark.parametrize("who", CAST)
def test_outside_of_ones_scope_is_404_and_inside_without_the_right_403_with_the_reason(client, cast, who):
    client.force_login(cast[who])
    for name, account in cast.items():
        seen = client.get(reverse("people:account", args=[account.pk])).status_code
        assert seen == (200 if name in FINDS.get(who, set()) else 404 if who in FINDS else seen), (who, name)
        assert seen in (200, 403, 404)
        assert (seen == 200) == (name in FINDS.get(who, set()))
        for url in PAGES:
            response = client.get(reverse(f"people:{url}", args=[account.pk]))
            if name in MANAGES.get(who, set()):
                assert response.status_code == 200, (who, name, url)
            elif name in FINDS.get(who, set()):
                assert response.status_code == 403, (who, name, url)
            else:
                assert response.status_code in (403, 404), (who, name, url)
            if who in FINDS and name not in FINDS[who]:
                assert response.status_code == 404, (who, name, url)


def test_a_county_cannot_reset_those_above_nor_a_colleague(client, cast):
    client.force_login(cast["county"])
    assert client.post(reverse("people:reset", args=[cast["bureau"].pk])).status_code == 404
    colleague = person("colleague", "county", "211302", password="a-long-password-3")
    refused = client.post(reverse("people:reset", args=[colleague.pk]))
    assert refused.status_code == 403
    assert "由上一级管理" in refused.content.decode()
    assert User.objects.get(pk=colleague.pk).check_password("a-long-password-3")


def test_somebody_with_a_second_office_elsewhere_is_looked_after_by_the_city(cast):
    services.appoint(
        user=cast["subdistrict"], role=Role.SUBDISTRICT, division=Division.objects.get(code="211303004"), by=None
    )
    account = User.objects.get(pk=cast["subdistrict"].pk)
    assert account.scope_code == "2113"
    assert not cast["county"].may("people.manage", account)
    assert cast["bureau"].may("people.manage", account)


def test_who_left_a_higher_office_is_looked_after_where_he_is_now(cast):
    (appointment,) = cast["county"].appointments.all()
    services.appoint(
        user=cast["county"], role=Role.COMMITTEE, division=Division.objects.get(code="211302003001"), by=None
    )
    assert not person("second", "county", "211302").may("people.manage", User.objects.get(pk=cast["county"].pk))
    services.end_appointment(appointment=appointment, by=None)
    assert User.objects.get(username="second").may("people.manage", User.objects.get(pk=cast["county"].pk))


def test_the_list_says_who_looks_after_whom(client, cast):
    client.force_login(cast["bureau"])
    keepers = {account.username: keeper for account, keeper in client.get("/accounts/").context["rows"]}
    assert keepers["committee"] == "双塔区 · 县(市、区)物业主管部门"
    assert keepers["neighbour_subdistrict"] == "龙城区 · 县(市、区)物业主管部门"
    assert keepers["county"] == keepers["leader"] == "市房产局"
    assert keepers["bureau"] == keepers["auditor"] == keepers["nobody"] == "系统管理员"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"county", "subdistrict", "committee"}), ("q=subd", {"subdistrict"}), ("role=committee", {"committee"}),
        ("division=211302003", {"subdistrict", "committee"}), ("role=county&division=211302003", set()),
        ("active=no", set()), ("active=new", {"county", "subdistrict", "committee"}), ("q=neighbour", set()),
        ("page=99", {"county", "subdistrict", "committee"}),
    ],
)  # fmt: skip
def test_filters(client, cast, query, found):
    client.force_login(cast["county"])
    User.objects.update(last_login=None)
    response = client.get(f"/accounts/?{query}")
    assert {account.username for account in response.context["accounts"]} == found


@pytest.mark.parametrize("query", ["role=x", "division=211303", "division=7", "active=x"])
def test_an_unknown_filter_value_is_named(client, cast, query):
    client.force_login(cast["county"])
    response = client.get(f"/accounts/?{query}")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == [query.partition("=")[0]]


def test_the_list_costs_the_same_for_any_number_of_accounts(client, cast):
    def cost():
        client.get("/accounts/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/accounts/")
        return len(queries)

    client.force_login(cast["county"])
    few = cost()
    for number in range(20):
        person(f"clerk{number}", "committee", "211302003001")
    assert cost() == few <= 20


# --- new accounts ----------------------------------------------------------------------------------------
def make(client, query: str, **fields):
    return client.post(f"/accounts/new/?{query}", {"display_name": "李明", "since": "2015-01-05", **fields})


def test_a_county_makes_an_account_and_its_owner_chooses_a_password(client, cast):
    client.force_login(cast["county"])
    offered = client.get("/accounts/new/").context["place"].fields["role"].choices
    assert [value for value, _label in offered] == ["subdistrict", "committee"]
    form = client.get("/accounts/new/?role=committee").context["form"]
    codes = [
        code for _group, members in form.fields["division"].choices if isinstance(members, list) for code, _n in members
    ]
    assert "211302003001" in codes
    assert all(code.startswith("211302") for code in codes)

    response = make(client, "role=committee", division="211302003001")
    (slip,) = response.context["slips"]
    assert slip.user.username == "committee_211302003001"
    assert slip.password in response.content.decode()
    assert response.headers["Cache-Control"].count("no-store") == 1

    owner = Client()
    login = {"username": slip.user.username, "password": slip.password}
    assert owner.post("/accounts/login/", login).status_code == 302
    assert owner.get("/compounds/").url == "/accounts/password/"
    own = {"old_password": slip.password, "new_password1": "other-word-77", "new_password2": "other-word-77"}
    assert owner.post("/accounts/password/", own).status_code == 302
    assert owner.get("/compounds/").status_code == 200
    second = make(client, "role=committee", division="211302003001", display_name="王强").context["slips"][0]
    assert second.user.username == "committee_211302003001-2"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("role=committee", {"division": "211303004001"}), ("role=committee", {"division": "211302003"}),
        ("role=committee", {"division": ""}), ("role=committee", {"division": "211302003001", "username": "County"}),
        ("role=committee", {"division": "211302003001", "username": "a b"}),
        ("role=committee", {"division": "211302003001", "display_name": " "}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(client, cast, query, fields):
    client.force_login(cast["county"])
    before = User.objects.count()
    response = make(client, query, **fields)
    assert list(response.context["form"].errors) == [next(reversed(fields))]
    assert User.objects.count() == before


@pytest.mark.parametrize("query", ["role=county", "role=admin", "role=bureau", "role=x", ""])
def test_a_role_that_one_may_not_give_is_not_offered(client, cast, query):
    client.force_login(cast["county"])
    before = User.objects.count()
    assert make(client, query, division="211302").status_code == 302
    assert User.objects.count() == before


def test_the_city_chooses_the_county_first_and_names_the_department(client, cast):
    client.force_login(cast["bureau"])
    assert client.get("/accounts/new/?role=subdistrict").context["place"].errors["county"]
    response = make(client, "role=subdistrict&county=211303", division="211303004")
    assert response.context["slips"][0].user.username == "street_211303004"
    response = make(client, "role=department", department="police")
    (slip,) = response.context["slips"]
    assert slip.user.username == "dept_police"
    assert slip.offices == ["公安部门 · 市直部门"]


def test_services_ask_the_matrix_themselves(cast):
    street = Division.objects.get(code="211303004")
    office = {"role": Role.SUBDISTRICT, "division": street, "by": cast["county"]}
    with pytest.raises(PermissionDenied):
        services.create_account(username="x", display_name="某人", **office)
    with pytest.raises(PermissionDenied):
        services.appoint(user=cast["subdistrict"], **office)
    for verb in (services.reset_password, services.rename, services.set_active):
        with pytest.raises(PermissionDenied):
            verb(user=cast["bureau"], by=cast["county"], **({"active": False} if verb == services.set_active else {}
                 | {"display_name": "某人"} if verb == services.rename else {}))  # fmt: skip


# --- appointments and state --------------------------------------------------------------------------------
def test_a_further_appointment_and_its_end_take_effect_on_the_next_request(client, cast):
    client.force_login(cast["county"])
    account = cast["committee"]
    url = reverse("people:appoint", args=[account.pk])
    client.post(f"{url}?role=subdistrict", {"division": "211302004", "since": "2015-01-05"})
    person_ = Client()
    person_.force_login(account)
    street = next(one for one in account.appointments.all() if one.role == "subdistrict")
    assert person_.get("/divisions/211302004/").status_code == 200
    end = reverse("people:end_appointment", args=[account.pk, street.pk])
    assert client.post(end, {"until": "2014-12-31"}).context["form"].errors["until"]
    assert client.post(end, {"until": "2015-02-01"}).status_code == 302
    assert person_.get("/divisions/211302004/").status_code == 404
    assert client.post(end, {"until": "2015-03-01"}).context["form"].errors["until"]
    assert "2015-02-01" in client.get(reverse("people:account", args=[account.pk])).content.decode()


def test_an_appointment_of_the_same_day_is_taken_back(cast, settings):
    settings.BUSINESS_DATE = day("2015-06-01")
    appointment = services.appoint(
        user=cast["committee"],
        role=Role.SUBDISTRICT,
        division=Division.objects.get(code="211302003"),
        by=cast["county"],
    )
    services.end_appointment(appointment=appointment, by=cast["county"])
    assert [one.role for one in User.objects.get(pk=cast["committee"].pk).appointments.all()] == ["committee"]


def test_another_persons_appointment_is_not_found_under_an_account(client, cast):
    client.force_login(cast["county"])
    (foreign,) = cast["neighbour_committee"].appointments.all()
    url = reverse("people:end_appointment", args=[cast["committee"].pk, foreign.pk])
    assert client.post(url, {"until": "2015-02-01"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.until is None


def test_the_last_administrator_stays(cast):
    (appointment,) = cast["admin"].appointments.all()
    with pytest.raises(services.Unusable, match="最后一名系统管理员"):
        services.end_appointment(appointment=appointment, by=None)
    person("second", "admin")
    services.end_appointment(appointment=appointment, by=None)


def test_a_disabled_account_is_logged_out_and_comes_back(client, cast):
    client.force_login(cast["county"])
    account = person("clerk", "committee", "211302003001", password="a-long-password-3")
    owner = Client()
    owner.force_login(account)
    url = reverse("people:set_active", args=[account.pk])
    assert client.post(url, {"active": "no"}).status_code == 302
    assert owner.get("/compounds/").url.startswith("/accounts/login/")
    login = {"username": "clerk", "password": "a-long-password-3"}
    assert owner.post("/accounts/login/", login).status_code == 200
    client.post(url, {"active": "yes"})
    assert owner.post("/accounts/login/", login).status_code == 302


def test_nobody_disables_or_resets_himself(client, cast):
    client.force_login(cast["admin"])
    own = cast["admin"].pk
    assert client.post(reverse("people:reset", args=[own])).status_code == 403
    assert client.post(reverse("people:set_active", args=[own]), {"active": "no"}).status_code == 403
    assert User.objects.get(pk=own).is_active


def test_a_changed_name_leaves_the_log_in_name(client, cast):
    client.force_login(cast["county"])
    client.post(reverse("people:rename", args=[cast["committee"].pk]), {"display_name": " 李  明 "})
    account = User.objects.get(pk=cast["committee"].pk)
    assert (account.display_name, account.username) == ("李 明", "committee")


# --- the one-time link -------------------------------------------------------------------------------------
NEW = {"new_password1": "other-word-77", "new_password2": "other-word-77"}


def reset(client, account) -> str:
    response = client.post(reverse("people:reset", args=[account.pk]))
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    return response.context["link"].removeprefix("http://testserver")


@pytest.fixture
def clerk(cast):
    return person("clerk", "committee", "211302003001", password="a-long-password-3")


def test_a_link_sets_a_password_once(client, cast, clerk):
    client.force_login(cast["county"])
    link = reset(client, clerk)
    assert not User.objects.get(pk=clerk.pk).has_usable_password()
    first, second = Client(), Client()
    form, other = first.get(link).url, second.get(link).url
    assert first.get(form).status_code == 200
    assert first.post(form, NEW).url == "/accounts/login/"
    late = second.post(other, {"new_password1": "third-word-99", "new_password2": "third-word-99"})
    assert late.status_code == 410
    again = Client().get(link)
    assert again.status_code == 410
    assert "链接已失效" in again.content.decode()
    # Whoever makes links up learns nothing of the accounts there are.
    assert "clerk" not in again.content.decode()
    assert "双塔区" not in again.content.decode()
    owner = User.objects.get(pk=clerk.pk)
    assert owner.check_password("other-word-77")
    assert not owner.must_change_password


def test_two_at_once_with_one_link_set_one_password(cast, clerk):
    _uid, token = services.reset_password(user=clerk, by=cast["county"])
    services.use_link(user=clerk, token=token, password="other-word-77")
    with pytest.raises(services.LinkSpent):
        services.use_link(user=clerk, token=token, password="third-word-99")


def test_an_old_link_a_replaced_one_and_one_of_a_disabled_account_do_nothing(client, cast, clerk, settings):
    client.force_login(cast["county"])
    first = reset(client, clerk)
    second = reset(client, clerk)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 302
    services.set_active(user=clerk, active=False, by=cast["county"])
    assert Client().get(second).status_code == 410
    services.set_active(user=clerk, active=True, by=cast["county"])
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(second).status_code == 410


@pytest.mark.parametrize("link", ["/accounts/link/x/y/", "/accounts/link/MQ/set-password/", "/accounts/link/错/误/"])
def test_a_made_up_link_says_what_to_do(client, link, db):
    response = client.get(link)
    assert response.status_code == 410
    assert "链接已失效" in response.content.decode()


def test_a_reset_ends_the_sessions_and_lifts_the_lock(client, cast, clerk):
    owner = Client()
    owner.force_login(clerk)
    for _time in range(5):
        Client().post("/accounts/login/", {"username": "clerk", "password": "wrong"})
    assert selectors.locks("clerk")
    client.force_login(cast["county"])
    reset(client, clerk)
    assert owner.get("/compounds/").status_code == 302
    assert not selectors.locks("clerk")


def test_the_history_of_rights_holds_no_secret(client, cast):
    client.force_login(cast["county"])
    slip = make(client, "role=committee", division="211302003001").context["slips"][0]
    hashes = [User.objects.get(pk=slip.user.pk).password]
    link = reset(client, slip.user)
    form = Client()
    form.post(form.get(link).url, NEW)
    hashes.append(User.objects.get(pk=slip.user.pk).password)
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert not services.link_tokens.check_token(User.objects.get(pk=slip.user.pk), token)
    log = "".join(f"{one.changes}{one.additional_data}{one.object_repr}" for one in LogEntry.objects.all())
    for secret in [
        slip.password,
        token,
        NEW["new_password1"],
        *(part for one in hashes for part in one.split("$")[2:]),
    ]:
        assert secret not in log
    assert not re.search(r"pbkdf2|initial\$|md5\$", log)


def test_ones_own_page_and_the_end_of_all_sessions(client, cast):
    client.force_login(cast["committee"])
    other = Client()
    other.force_login(cast["committee"])
    text = client.get("/accounts/me/").content.decode()
    assert "双塔区 · 县(市、区)物业主管部门(county)" in text
    assert client.get("/accounts/me/sessions/").status_code == 405
    assert client.post("/accounts/me/sessions/").url == "/accounts/login/"
    for each in (client, other):
        assert each.get("/accounts/me/").status_code == 302


def test_the_slip_of_an_expired_day_is_the_business_date(client, cast, settings):
    settings.BUSINESS_DATE = datetime.date(2015, 10, 31)
    client.force_login(cast["county"])
    assert "2015-10-31" in make(client, "role=committee", division="211302003001").content.decode()
