"""Roll-ups: what they hold is what the ledger holds, whatever was recorded, and no figure waits for them."""

import datetime
import random

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chaoyang_pm.kit.jobs.models import Job
from compounds.ledger import selectors as ledger
from compounds.ledger import services as posting
from compounds.ledger.choices import Source
from oversight.coverage import reading, scans, selectors, services, tasks
from oversight.coverage.figures import BITS, Counts
from oversight.coverage.models import MonthBalance, MonthCount, RollUp
from oversight.coverage.question import resolve
from tests.model.histories import Stage, Step, proposal, stage
from tests.model.replay_model import Impossible, Model
from tests.support import (
    EXAMPLE,
    HAIHE,
    JINYUAN,
    QIANJIN,
    XINLIU,
    ask,
    ask_json,
    day,
    draft,
    from_model,
    make_compound,
    post_example,
    record,
    register,
    reverse,
    work,
)  # fmt: skip

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2015-10-20")


@pytest.fixture(autouse=True)
def near(monkeypatch):
    """In a test the ledger is always short: roll-ups are used however far they are away."""
    monkeypatch.setattr(reading, "NEAR", 0)


def stored() -> set[tuple]:
    balances = MonthBalance.objects.values_list("month_end", "county", "category", "mode", "area_dm2", "households")
    return {*balances, *MonthCount.objects.values_list("month_end", "county", "mask", "compounds")}


def plain(found: dict[str, scans.Held]) -> dict:
    """Without what is nothing."""
    return {
        key: (held.cells, {mask: number for mask, number in held.masks.items() if mask and number})
        for key, held in found.items()
        if held.cells or any(number for mask, number in held.masks.items() if mask)
    }


def from_ledger(code: str, as_of: datetime.date, height: int, length: int) -> dict:
    return plain(scans.held(code, as_of, height, length))


def assert_figures_are_those_of_the_ledger(dates, heights) -> None:
    for as_of in dates:
        for height in heights:
            for code, length in (("2113", 4), ("2113", 6), ("211302", 6)):
                found = plain(reading.held(code, as_of, height, length))
                assert found == from_ledger(code, as_of, height, length), (as_of, height, code)


DATES = [day(text) for text in (
    "2013-12-31", "2014-01-01", "2014-01-31", "2014-05-09", "2014-05-20", "2014-09-30", "2014-12-10", "2014-12-31",
    "2015-06-01", "2015-06-30", "2015-10-20",
)]  # fmt: skip


# --- what is not rolled up yet ---------------------------------------------------------------------------
@pytest.mark.parametrize("rolled_up", [0, 5, 10, 13, 14, 16, 18, 20])
def test_figures_are_right_whatever_is_rolled_up_and_asked(reference, rolled_up):
    post_example(upto=max(rolled_up, 1))
    services.refresh()
    if not rolled_up:
        RollUp.objects.all().delete()
    post_example(after=max(rolled_up, 1))
    assert_figures_are_those_of_the_ledger(DATES, [0, 1, 5, 9, 10, 13, 14, 15, 17, 18, 20])


def test_a_late_entry_is_in_the_figure_at_once_and_in_every_later_month_after_the_job(reference):
    register("A", "2004-03-05", m2=100)
    register("B", "2015-10-01", m2=10)
    services.refresh()
    before = MonthBalance.objects.count()
    record("takeover", "2004-07-09", "A", mode_to="owners", m2=30)
    assert selectors.coverage(resolve(as_of="2004-08-15")).managed == 30_00
    assert selectors.coverage(resolve()).managed == 30_00
    done = services.refresh()
    months = (2015 - 2004) * 12 + 10 - 7 + 1
    # Less area unmanaged and more managed, one compound fewer of one kind and more of another, in each month.
    assert done.changed == 4 * months
    assert MonthBalance.objects.count() == before + months
    assert selectors.coverage(resolve()).counts == Counts(0, 1, 1)


def test_months_are_carried_on_to_the_newest(reference):
    register("A", "2014-01-10")
    services.refresh()
    register("B", "2014-06-10", community=HAIHE)
    services.refresh()
    ends = MonthBalance.objects.filter(county="211302").order_by("month_end").values_list("month_end", flat=True)
    assert [str(end) for end in ends] == [
        "2014-01-31", "2014-02-28", "2014-03-31", "2014-04-30", "2014-05-31", "2014-06-30",
    ]  # fmt: skip
    assert MonthBalance.objects.filter(county="211303").count() == 1


def test_a_month_s_end_is_read_without_a_posting(reference):
    post_example()
    services.refresh()
    with CaptureQueriesContext(connection) as queries:
        reading.held("2113", day("2014-12-31"), 20, 6)
    assert not [query for query in queries if "compounds_posting" in query["sql"]]
    with CaptureQueriesContext(connection) as queries:
        reading.held("2113", day("2014-12-20"), 20, 6)
    assert len(queries) == 2  # how far the roll-ups are, and everything else


def test_rows_that_change_between_two_statements_are_read_again(reference, monkeypatch):
    post_example(upto=10)
    services.refresh()
    stale = reading.Base.near(day("2014-12-31"), 10)
    post_example(after=10)
    services.refresh()
    answers = iter([stale, stale])
    monkeypatch.setattr(reading.Base, "near", lambda *asked: next(answers, None))
    found = plain(reading.held("2113", day("2014-12-31"), 10, 6))
    assert found == from_ledger("2113", day("2014-12-31"), 10, 6)
    assert next(answers, None) is None


def test_what_is_older_than_any_question_counts_in_the_first_month(reference):
    register("A", "0214-05-01", m2=5)
    register("B", "1899-12-15", m2=7)
    services.refresh()
    assert_figures_are_those_of_the_ledger([day("1900-01-01"), day("1900-01-31"), day("1955-05-05")], [1, 2])
    assert MonthBalance.objects.order_by("month_end")[0].month_end == day("1899-12-31")


# --- the same rows by every way ----------------------------------------------------------------------------
KINDS = (
    "register", "register", "register", "takeover", "takeover", "mode_change", "lapse", "reclassify", "resurvey",
    "relocate", "relocate", "merge", "split", "deregister", "reversal", "reversal",
)  # fmt: skip


def tell(model: Model, place: Stage, step: Step) -> bool:
    """Record a random step in the model and the portal; False where it is impossible."""
    try:
        proposed = proposal(model, place, step)
        model.record(proposed)
    except Impossible:
        return False
    if proposed.kind == "reversal":
        reverse(proposed.reverses)
    else:
        posting.record(draft=draft(from_model(proposed)), by=None, source=Source.COMMAND)
    return True


@pytest.mark.parametrize("seed", range(6))
def test_rebuilding_gives_the_same_rows_as_keeping_up_and_both_are_what_the_model_says(reference, seed):
    source, model = random.Random(seed), Model()
    place = stage([JINYUAN, QIANJIN, HAIHE, XINLIU], compounds=8, spare=6, dates=20, apart=17)
    for code in place.codes:
        make_compound(code, place.homes.get(code, JINYUAN))
    while model.height < 70:
        if tell(model, place, Step.drawn(source, KINDS)) and source.random() < 0.3:
            services.refresh()
    services.refresh()
    kept_up = stored()
    assert services.rebuild().changed == 0
    for table in (MonthBalance, MonthCount, RollUp):
        table.objects.all().delete()
    assert services.refresh().changed == len(kept_up)
    assert stored() == kept_up
    assert kept_up == modelled(model)
    dates = [source.choice(place.dates) + datetime.timedelta(days=source.randrange(40)) for _ in range(4)]
    assert_figures_are_those_of_the_ledger(dates, [model.height, *source.sample(range(model.height), 4)])


def modelled(model: Model) -> set[tuple]:
    """The rows that the independent model gives: its balances at every month's end."""
    ends = sorted(MonthBalance.objects.values_list("month_end", flat=True).distinct())
    found: dict[tuple, list[int]] = {}
    for end in ends:
        modes: dict[tuple[str, str], int] = {}
        for where, (area, households) in model.balances(end).items():
            county = where.community[:6]
            sums = found.setdefault((end, county, where.category, where.mode), [0, 0])
            sums[0] += area
            sums[1] += households
            bit = BITS[where.mode] if area else 0
            modes[county, where.compound] = modes.get((county, where.compound), 0) | bit
        for (county, _compound), mask in modes.items():
            if mask:
                found.setdefault((end, county, mask), [0])[0] += 1
    return {(*key, *values) for key, values in found.items() if any(values)}


# --- keeping up --------------------------------------------------------------------------------------------
def test_refreshing_again_changes_nothing(reference):
    post_example()
    assert services.refresh().changed == len(stored())
    rows = stored()
    assert services.refresh() == services.Refreshed(0, 20)
    assert stored() == rows


def test_a_refresh_that_is_cut_off_has_done_nothing(reference):
    post_example(upto=12)
    services.refresh()
    rows = stored()
    post_example(after=12)

    def fails(done):
        raise RuntimeError("the worker is killed")

    with pytest.raises(RuntimeError):
        services.refresh(finishing=fails)
    assert stored() == rows
    assert RollUp.objects.get().height == 12
    services.refresh()
    assert services.rebuild().changed == 0


def test_a_refresh_that_another_one_came_before_is_worked_out_again(reference, monkeypatch):
    post_example(upto=12)
    services.refresh()
    post_example(after=12, upto=15)
    worked_out = services.rollups.between

    def interrupted(above, height):
        steps = worked_out(above, height)
        monkeypatch.setattr(services.rollups, "between", worked_out)
        services.refresh()
        post_example(after=15)
        return steps

    monkeypatch.setattr(services.rollups, "between", interrupted)
    assert services.refresh().height == 20
    assert services.rebuild().changed == 0


def test_rows_of_another_ledger_are_made_anew(reference):
    post_example()
    services.refresh()
    RollUp.objects.update(height=99)
    MonthCount.objects.all().delete()
    services.refresh()
    assert (RollUp.objects.get().height, services.rebuild().changed) == (20, 0)
    RollUp.objects.all().delete()
    assert_figures_are_those_of_the_ledger([day("2014-12-31")], [20])
    services.refresh()
    assert services.rebuild().changed == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"month_end": day("2014-12-30")}, {"category": "other"}, {"mode": "x"}, {"area_dm2": -1}, {"households": -1},
    ],
)  # fmt: skip
def test_the_database_takes_no_row_that_cannot_be(reference, wrong):
    right = {"month_end": day("2014-12-31"), "county": "211302", "category": "abandoned", "mode": "none"}
    row = {"area_dm2": 1, "households": 1, **right}
    MonthBalance.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthBalance.objects.create(**{**row, "county": "211303", **wrong})
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthBalance.objects.create(**row)
    for mask in (0, 64):
        with pytest.raises(IntegrityError), transaction.atomic():
            MonthCount.objects.create(month_end=day("2014-12-31"), county="211302", mask=mask, compounds=1)


# --- the job -----------------------------------------------------------------------------------------------
def test_many_postings_ask_for_one_job_and_the_next_ones_open_its_row_again(
    reference, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        post_example(upto=6)
    [job] = Job.objects.all()
    assert (job.kind, job.state, job.created_by) == (tasks.REFRESH, "queued", None)
    [done] = work()
    assert (done.state, done.result["height"]) == ("done", 6)
    assert services.rebuild().changed == 0
    with django_capture_on_commit_callbacks(execute=True):
        post_example(after=6)
    [again] = work()
    assert (again.pk, again.state, again.result["height"]) == (job.pk, "done", 20)
    assert services.rebuild().changed == 0


def test_what_is_recorded_while_the_job_runs_is_asked_for_again(
    reference, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        post_example(upto=12)
    refresh = services.refresh

    def meanwhile(**options):
        done = refresh(**options)
        post_example(after=12)
        return done

    monkeypatch.setattr(services, "refresh", meanwhile)
    with django_capture_on_commit_callbacks(execute=True):
        [job] = work()
    assert job.state == "queued"
    monkeypatch.setattr(services, "refresh", refresh)
    assert [job.result["height"] for job in work()] == [20]


def test_a_posting_stands_whatever_becomes_of_the_request(reference, monkeypatch, django_capture_on_commit_callbacks):
    def broken(**asked):
        raise RuntimeError("no job today")

    monkeypatch.setattr(tasks.jobs, "request", broken)
    with django_capture_on_commit_callbacks(execute=True):
        post_example()
    assert ledger.newest().height == len(EXAMPLE)


# --- the alarm ---------------------------------------------------------------------------------------------
@pytest.fixture
def tampered(reference):
    """Somebody with the database's password has made a figure better."""
    post_example()
    services.refresh()
    MonthBalance.objects.filter(month_end=day("2014-12-31"), county="211303", mode="none").update(area_dm2=1)
    MonthCount.objects.filter(month_end=day("2014-11-30"), county="211302").delete()


def nightly() -> Job:
    Job.objects.create(kind=services.CHECK, language="zh-hans")
    [job] = [job for job in work() if job.kind == services.CHECK]
    return job


def test_the_nightly_job_finds_nothing_where_nothing_is_wrong(reference):
    post_example()
    job = nightly()
    assert (job.state, job.result["differing"], job.result["compared"]) == ("done", 0, len(stored()))
    assert RollUp.objects.get().checked_at


def test_a_difference_is_told_and_no_figure_reads_the_rows_until_they_are_made_anew(cast, tampered, client, caplog):
    assert selectors.coverage(resolve(as_of="2014-12-31", division="211303")).unmanaged == 1
    job = nightly()
    assert job.state == "failed"
    assert job.result["differing"] > 1
    first = next(one for one in job.result["named"] if one["cell"] == ["211303", "unserved", "none"])
    assert (first["month_end"], first["cell"], first["stored"], first["ledger"]) == (
        "2014-12-31", ["211303", "unserved", "none"], [1, 600], [60_000_00, 600],
    )  # fmt: skip
    assert "Roll-ups differ from the ledger at height 20" in caplog.text
    told = Job.objects.filter(seen_at=None, created_by__isnull=False)
    assert {one.created_by.username for one in told} == {"bureau", "admin"}
    client.force_login(cast["bureau"])
    mine = told.get(created_by=cast["bureau"])
    assert f"/jobs/{mine.pk}/" in client.get("/jobs/").content.decode()  # in the bell
    assert "refresh_coverage --rebuild" in client.get(f"/jobs/{mine.pk}/").content.decode()
    shown = client.get("/healthz").json()["checks"]["rollups"]
    assert shown == f"{job.result['differing']} cells differ from the ledger"

    assert_figures_are_those_of_the_ledger([day("2014-11-30"), day("2014-12-31")], [16, 20])
    register("G", "2015-01-05", community=HAIHE)
    assert services.refresh() == services.Refreshed(0, 20)
    assert nightly().state == "failed"
    assert Job.objects.filter(created_by__isnull=False).count() == 2  # told once
    answer = ask("refresh_coverage")
    assert (answer.code, "--rebuild" in answer.err) == (1, True)
    answer = ask("refresh_coverage", "--check")
    assert (answer.code, "2014-12-31 211303 unserved none" in answer.err) == (1, True)

    assert ask_json("refresh_coverage", "--rebuild") == {"changed": job.result["differing"] + 18, "height": 21}
    assert ask_json("refresh_coverage") == {"changed": 0, "height": 21}
    assert ask_json("refresh_coverage", "--check")["differing"] == 0
    assert "behind" in client.get("/healthz").json()["checks"]["rollups"]
    assert nightly().state == "done"


def test_the_job_ends_while_rows_wait_for_somebody_to_make_them_anew(tampered, django_capture_on_commit_callbacks):
    nightly()
    with django_capture_on_commit_callbacks(execute=True):
        register("G", "2015-01-05", community=HAIHE)
    assert Job.objects.get(kind=tasks.REFRESH).state == "queued"
    with django_capture_on_commit_callbacks(execute=True):
        work()
    assert Job.objects.get(kind=tasks.REFRESH).state == "done"


def test_a_check_that_a_refresh_came_into_is_made_again(reference, monkeypatch):
    post_example(upto=12)
    services.refresh()
    post_example(after=12)
    compare, calls = services._compare, []

    def interrupted(state, say):
        calls.append(state.height)
        found = compare(state, say)
        if len(calls) == 1:
            services.refresh()
        return found

    monkeypatch.setattr(services, "_compare", interrupted)
    found = services.check()
    assert (calls, found.differing, found.height) == ([12, 20], 0, 20)
