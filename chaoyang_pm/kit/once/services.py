"""The one way to carry out a request that may come twice, also at the same time, and after a crash in between."""

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from chaoyang_pm.kit.once.models import KeptAnswer

#: How long an answer is kept; a client that has not heard for so long does not send again by itself.
KEPT = datetime.timedelta(days=30)


class OtherRequest(Exception):
    """The key was used for something else."""


@dataclass(frozen=True)
class Done:
    """What a request led to: an HTTP status from 200 to 299 and a body as JSON can hold it. ``again``: nothing new."""

    status: int
    body: Any
    again: bool = False


def digest_of(sent: Any) -> str:
    """The digest of what was sent, as JSON can hold it; the order of its fields is no difference."""
    return hashlib.sha256(orjson.dumps(sent, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def kept_answer(*, by: Any, key: str, digest: str) -> Done | None:
    """The answer that was kept for a request, None if there is none yet; raises OtherRequest for another digest.

    For what is not to be done within a transaction and has the effect of once by itself.
    """
    kept = KeptAnswer.objects.filter(user=by, key=key).first()
    return _again(kept, digest) if kept else None


@transaction.atomic
def once(*, by: Any, key: str, digest: str, act: Callable[[], Done]) -> Done:
    """Do ``act`` and keep its answer, or give the answer that was kept; raises OtherRequest for another digest.

    Of several at once the first takes the key, and the others wait at the unique row until it has ended: then they
    find its answer, or take the key themselves if it failed. What fails keeps nothing, and may be tried again.
    """
    kept, is_new = KeptAnswer.objects.get_or_create(user=by, key=key, defaults={"digest": digest})
    if not is_new:
        return _again(kept, digest)
    done = act()
    kept.status, kept.answer = done.status, orjson.dumps(done.body).decode()
    kept.save(update_fields=["status", "answer"])
    return done


def _again(kept: KeptAnswer, digest: str) -> Done:
    if kept.digest != digest:
        raise OtherRequest
    return Done(kept.status, orjson.loads(kept.answer), again=True)


def tidy() -> int:
    """Remove answers that were kept long enough; returns how many."""
    removed, _by_model = KeptAnswer.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    return removed
