"""Requests that come again: what is kept, for how long, and what the database itself refuses."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.once import services
from chaoyang_pm.kit.once.models import KeptAnswer
from chaoyang_pm.kit.once.services import KEPT, Done, OtherRequest, digest_of, once
from tests.support import work

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DIGEST = digest_of({"a": 1})


def do(by, key="k", digest=DIGEST, body=None):
    return once(by=by, key=key, digest=digest, act=lambda: Done(201, body or {"z": 1, "a": [2, None]}))


def test_the_answer_comes_back_as_it_was(bureau):
    first, again = do(bureau), do(bureau, body={"other": True})
    assert (first.body, first.again) == ({"z": 1, "a": [2, None]}, False)
    assert (again.status, list(again.body), again.again) == (201, ["z", "a"], True)


def test_another_digest_is_another_request(bureau):
    do(bureau)
    with pytest.raises(OtherRequest):
        do(bureau, digest=digest_of({"a": 2}))


def test_the_order_of_fields_is_no_difference():
    assert digest_of({"a": 1, "b": "二"}) == digest_of({"b": "二", "a": 1}) != digest_of({"a": 1, "b": "三"})


def test_a_failure_keeps_nothing(bureau):
    def fails():
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 — raised above
        once(by=bureau, key="k", digest=DIGEST, act=fails)
    assert not KeptAnswer.objects.exists()
    assert not do(bureau).again


def test_answers_are_kept_for_their_time_and_tidied_away_every_night(bureau):
    for days in (0, 29, 31):
        do(bureau, key=str(days))
        KeptAnswer.objects.filter(key=str(days)).update(made_at=timezone.now() - datetime.timedelta(days=days))
    assert datetime.timedelta(days=30) == KEPT
    Job.objects.create(kind="once.tidy", language="zh-hans")
    (job,) = work()
    assert job.result == {"removed": 1}
    assert set(KeptAnswer.objects.values_list("key", flat=True)) == {"0", "29"}
    assert services.tidy() == 0


@pytest.mark.parametrize("wrong", [{"key": ""}, {"digest": "short"}, {"status": 404}, {"key": "k"}])
def test_the_database_refuses_what_is_no_answer(bureau, wrong):
    do(bureau)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeptAnswer.objects.create(**{"user": bureau, "key": "other", "digest": DIGEST, "status": 201} | wrong)
