"""The pages of jobs: whose one sees, what one can do, and a broker that is away."""

import time

import pytest
from celery import current_app

from chaoyang_pm.kit.jobs import running, services
from chaoyang_pm.kit.jobs.models import Job
from communities.notices.selectors import IN_THE_BELL
from tests.support import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def enqueue(by, kind: str = "test.sum", scope_code: str | None = None) -> Job:
    return services.enqueue(kind=kind, by=by, parameters={"numbers": [1]}, scope_code=scope_code)


@pytest.mark.parametrize(
    ("who", "own", "of_county", "of_city"),
    [
        ("bureau", 200, 200, 200),
        ("county", 200, 200, 404),
        ("neighbour_county", 200, 404, 404),
        ("committee", 200, 404, 404),
    ],
)
def test_one_sees_ones_own_and_what_lies_in_ones_scope(as_, cast, who, own, of_county, of_city):
    jobs = [enqueue(cast[who]), enqueue(cast["bureau"], scope_code="211302"), enqueue(None)]
    client = as_(who)
    assert [client.get(f"/jobs/{job.pk}/").status_code for job in jobs] == [own, of_county, of_city]
    assert [client.get(f"/jobs/{job.pk}/progress/").status_code for job in jobs] == [own, of_county, of_city]
    listed = client.get("/jobs/?whose=all").context["jobs"]
    assert {job.pk for job in listed} == {
        job.pk for job, status in zip(jobs, (own, of_county, of_city), strict=True) if status == 200
    }
    assert jobs[2] not in client.get("/jobs/").context["jobs"]


@pytest.mark.parametrize(("who", "status"), [("county", 302), ("neighbour_county", 404), ("committee", 404)])
def test_one_cancels_and_starts_again_within_ones_scope(as_, cast, who, status):
    job = enqueue(cast["bureau"], scope_code="211302")
    client = as_(who)
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == status
    job.refresh_from_db()
    assert job.state == ("cancelled" if status == 302 else "queued")
    assert client.post(f"/jobs/{job.pk}/again/").status_code == status
    job.refresh_from_db()
    assert job.state == "queued"


def test_what_had_ended_says_so(as_, cast):
    job = enqueue(cast["bureau"])
    work()
    client = as_("bureau")
    assert "已经结束" in client.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert "不能重新开始" in client.post(f"/jobs/{job.pk}/again/", follow=True).content.decode()


def test_the_list_is_filtered_by_state_and_names_a_state_that_is_none(as_, cast):
    done, waiting = enqueue(cast["bureau"]), enqueue(cast["bureau"])
    running.run(done.pk, beats=False)
    client = as_("bureau")
    assert list(client.get("/jobs/?state=queued").context["jobs"]) == [waiting]
    response = client.get("/jobs/?state=lost")
    assert (response.status_code, [problem.field for problem in response.context["problems"]]) == (400, ["state"])


def test_a_failed_job_says_why_and_is_started_again(as_, cast):
    job = enqueue(cast["bureau"], kind="test.refused")
    Job.objects.update(parameters={})
    work()
    client = as_("bureau")
    body = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "The file is gone; upload it again." in body
    assert f'action="/jobs/{job.pk}/again/"' in body


def test_the_bell_counts_what_its_owner_has_not_seen(as_, cast, django_assert_num_queries):
    for _job in range(3):
        enqueue(cast["bureau"])
    enqueue(cast["county"])
    work()
    client = as_("bureau")
    assert '<span class="bell-number">3</span>' in client.get("/jobs/").content.decode()
    client.get(f"/jobs/{Job.objects.filter(created_by=cast['bureau']).first().pk}/")
    assert '<span class="bell-number">2</span>' in client.get("/jobs/").content.decode()
    client.post("/notices/read/")
    assert "bell-number" not in client.get("/jobs/").content.decode()
    assert Job.objects.filter(seen_at=None).get().created_by == cast["county"]


def test_the_bell_costs_one_query_however_much_is_in_it(as_, cast, django_assert_max_num_queries):
    client = as_("bureau")
    client.get("/jobs/")
    with django_assert_max_num_queries(30) as empty:
        client.get("/jobs/")
    for _job in range(IN_THE_BELL + 5):
        enqueue(cast["bureau"])
    work()
    with django_assert_max_num_queries(len(empty)) as full:
        body = client.get("/jobs/?state=queued").content.decode()
    assert f'<span class="bell-number">{IN_THE_BELL}+</span>' in body
    assert sum('"kit_job"' in query["sql"] for query in full) <= 3  # the bell, and the page's own list and count


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "spool://localhost"])
def test_with_the_broker_away_a_page_answers_at_once_and_says_so(as_, cast, monkeypatch, data_folder, address):
    (data_folder / "broker").write_text("a file where the folder should be")
    monkeypatch.setitem(current_app.conf, "broker_url", address)
    began = time.monotonic()
    job = enqueue(cast["bureau"])
    assert time.monotonic() - began < 10  # it would be minutes with kombu's own retries
    assert "后台服务暂时连不上,任务已登记,恢复后自动执行" in as_("bureau").get(f"/jobs/{job.pk}/").content.decode()


def test_without_a_worker_a_page_says_so(as_, cast):
    job = enqueue(cast["bureau"])
    Job.objects.update(woken_at=job.created_at)
    assert "后台服务目前没有运行" in as_("bureau").get(f"/jobs/{job.pk}/").content.decode()
