"""What a clerk would notice: names, figures, dates and telephones of the demo city, and that it says what it is."""

import datetime
import re
from collections import Counter
from urllib.parse import quote

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from chaoyang_pm.kit.portal import selectors as portal
from communities.divisions.models import Division
from communities.people.demo import PASSWORD, accounts
from communities.people.models import User
from compounds.ledger.choices import Category
from compounds.ledger.models import Entry
from compounds.register import selectors
from compounds.register.choices import Status
from compounds.register.models import Compound
from oversight.demo.calendar import ZONE
from oversight.demo.plan import SHOWCASE
from oversight.programme.models import Baseline

NOBODYS_PHONE = re.compile(r"0421-000\d{4}|139 0000 \d{4}")


def standing(city):
    height = Entry.objects.count()
    rows = selectors.rows(Compound.objects.all(), as_of=city.business_date, height=height)
    return [compound for compound in rows if compound.total]


def test_compounds_lie_in_urban_communities(city):
    communities = Division.objects.in_bulk(Compound.objects.values_list("community", flat=True))
    assert all(community.is_urban for community in communities.values())
    assert Compound.objects.filter(community=SHOWCASE).count() >= 5


def test_no_name_stands_twice_in_a_community(city):
    names = Counter(Compound.objects.values_list("community", "normalised_name"))
    assert [name for name, times in names.items() if times > 1] == []


def test_possible_duplicates_are_few_and_there(city):
    alike = [
        compound
        for compound in Compound.objects.exclude(status=Status.RETIRED)
        if selectors.possible_duplicates(
            community=compound.community_id, name=compound.name, besides=compound.pk
        ).exists()
    ]  # fmt: skip
    assert 2 <= len(alike) <= Compound.objects.count() // 12


def test_figures_are_plausible(city):
    for compound in standing(city):
        assert 50 <= compound.total / 100 / compound.households <= 150, compound.name
        assert compound.residential_area_dm2 <= compound.total, compound.name
        assert 15 <= compound.households / compound.buildings <= 80 or compound.buildings == 1, compound.name
        assert 1970 <= compound.built_year <= 2015, compound.name
        assert compound.collection_rate is None or 40 <= compound.collection_rate <= 96, compound.name


def test_nobody_says_why_a_managed_compound_is_not_managed(city):
    for compound in standing(city):
        if compound.unmanaged == 0:
            assert compound.unmanaged_reason == "", compound.name
        if compound.managed == 0:
            assert compound.fee == "" == compound.contract_term, compound.name


def test_telephones_can_be_nobodys(city):
    phones = [*Compound.objects.values_list("phone", flat=True), *Entry.objects.values_list("phone", flat=True)]
    assert {phone for phone in phones if phone and not NOBODYS_PHONE.fullmatch(phone)} == set()
    assert any(phones)


def test_a_document_has_one_number_and_a_number_one_document(city):
    numbered = Entry.objects.exclude(basis_no="")
    by_number = Counter(numbered.filter(reversed_by__isnull=True).values_list("basis_no", flat=True))
    assert [number for number, times in by_number.items() if times > 1] == []


def test_nothing_is_dated_after_the_business_date(city):
    end = datetime.datetime.combine(city.business_date, datetime.time.max, ZONE)
    assert not LogEntry.objects.filter(timestamp__gt=end).exists()
    assert not Compound.objects.filter(created_at__gt=end).exists()
    assert not Compound.objects.filter(updated_at__gt=end).exists()
    assert not User.objects.filter(date_joined__gt=end).exists()
    assert not Baseline.objects.filter(locked_at__gt=end).exists()


def test_some_compounds_wait_for_their_area_or_their_category(city):
    assert Compound.objects.area_pending().exists()
    assert Compound.objects.filter(status=Status.MERGED).exists()
    assert any(Category.UNDETERMINED in values for values in Entry.objects.values_list("category"))


def test_every_compound_has_a_page(city, client):
    client.force_login(User.objects.get(username="bureau"))
    for code in Compound.objects.order_by("code").values_list("code", flat=True)[::9]:
        assert client.get(reverse("register:detail", args=[code])).status_code == 200, code


# --- it says what it is -----------------------------------------------------------------------------
@pytest.mark.parametrize("row", accounts(), ids=lambda row: row["username"])
def test_every_role_can_log_in(city, client, row):
    answer = client.post(reverse("people:login"), {"username": row["username"], "password": PASSWORD})
    assert answer.status_code == 302
    user = User.objects.get(username=row["username"])
    assert str(user) == row["display_name"]
    assert [one.role for one in user.current_appointments] == [row["role"]]
    assert client.get("/", follow=True).status_code == 200


def test_the_log_in_page_lists_the_accounts_of_a_demonstration_only(city, client):
    page = client.get(reverse("people:login")).content.decode()
    assert all(f"<code>{row['username']}</code>" in page for row in accounts())
    assert PASSWORD in page
    portal.keep(portal.About(), 60)
    page = client.get(reverse("people:login")).content.decode()
    assert PASSWORD not in page
    assert "committee_211302003001" not in page


@pytest.mark.parametrize("path", ["/", "/divisions/211302/", "/compounds/", "/admin/", "/no-such-page/"])
def test_every_page_says_that_it_shows_demo_data(city, client, path):
    client.force_login(User.objects.get(username="admin"))
    assert portal.notice() in client.get(path).content.decode()


def test_files_say_so_too(city, client):
    client.force_login(User.objects.get(username="bureau"))
    path = reverse("coverage:export", args=["2113", "csv"])
    assert quote(portal.file_name("")) in client.get(path)["Content-Disposition"]


def test_another_database_says_nothing(db, client):
    assert portal.notice() == ""
    assert portal.file_name("a.csv") == "a.csv"
    assert "demo-notice" not in client.get(reverse("people:login")).content.decode()
