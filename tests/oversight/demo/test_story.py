"""What the demo city promises: its totals, its story of T1 and T2, and that a date cuts it without changing it."""

import datetime

import pytest

from chaoyang_pm.kit.dates import business_date
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind
from compounds.ledger.models import Entry, LedgerHead
from compounds.ledger.verify import verify
from oversight.demo.calendar import ZONE, works
from oversight.programme.models import Baseline
from tests.oversight.demo.conftest import SCALE
from tests.oversight.demo.figures import DISTRICTS, FIRST, UNMANAGED, figures, managed
from tests.support import day

T1 = 302 * 1_000_000 * SCALE


@pytest.mark.parametrize("locked", [True, False], ids=["as locked", "as known today"])
def test_the_two_districts_hold_exactly_the_programmes_area(city, locked):
    height = Baseline.objects.get().height if locked else None
    found = [figures(district, "2014-01-01", height) for district in DISTRICTS]
    assert sum(each.area(categories=UNMANAGED) for each in found) == round(1_100_000_000 * SCALE)
    assert sum(each.area(categories=FIRST) for each in found) >= T1
    assert sum(each.area(categories=UNMANAGED, modes=each.modes) for each in found) == 0


def test_the_first_target_is_missed_narrowly_and_made_good_in_spring(city):
    new_years_eve = ledger.known_by(day("2014-12-31"), height=ledger.newest().height)
    assert 0.93 * T1 < managed("2014-12-31") < T1
    assert managed("2014-12-31", height=new_years_eve) < T1
    assert managed("2014-12-31", height=new_years_eve) != managed("2014-12-31")
    assert managed("2015-05-31") >= T1
    assert managed("2015-10-31") >= T1


def test_of_the_second_target_one_district_is_on_track_and_one_behind(city):
    due = (day("2015-10-31") - day("2014-01-01")).days / (day("2016-12-31") - day("2014-01-01")).days
    share = {}
    for district in DISTRICTS:
        whole = figures(district, "2014-01-01").area(categories=UNMANAGED)
        share[district] = managed("2015-10-31", UNMANAGED, [district]) / whole
    assert share["211302"] > due > share["211303"] + 0.05


def test_one_county_is_far_behind_the_others(city):
    rates = {}
    for county in ("211321", "211322", "211381", "211382"):
        whole = figures(county, "2014-01-01").area(categories=UNMANAGED)
        rates[county] = managed("2015-10-31", UNMANAGED, [county]) / whole
    assert rates["211322"] < 0.2 < min(rate for county, rate in rates.items() if county != "211322")


def test_the_ledger_is_whole(city):
    assert verify().findings == []
    assert LedgerHead.objects.get().height == Entry.objects.count() == city.entries


def test_everything_was_recorded_in_office_hours_after_it_happened(city):
    before = None
    for entry in Entry.objects.order_by("height"):
        at = entry.recorded_at.astimezone(ZONE)
        assert works(at.date())
        assert 8 <= at.hour < 17
        assert entry.effective_on <= at.date() <= city.business_date
        assert before is None or before <= entry.recorded_at
        before = entry.recorded_at


def test_every_kind_of_event_happens(city):
    happened = set(Entry.objects.values_list("kind", flat=True))
    assert {kind.value for kind in Kind} - happened <= {Kind.DEREGISTER.value, Kind.SPLIT.value}  # rare: full scale


def test_entries_are_late_wrong_imprecise_and_on_behalf_of_others(city):
    entries = Entry.objects.exclude(kind=Kind.REGISTER)
    assert entries.exclude(late_reason="").exists()
    assert entries.filter(precision="month").exists()
    assert entries.filter(recorded_for__isnull=False).exists()
    assert entries.filter(kind=Kind.REVERSAL).exclude(reason="").exists()
    recorded_by = set(entries.values_list("recorded_by", flat=True))
    assert recorded_by == {"bureau", "county_211302", "county_211303", "county_211322"}


def test_the_business_date_of_a_demonstration_is_stored_with_it(city):
    assert business_date() == city.business_date == datetime.date(2015, 10, 31)
