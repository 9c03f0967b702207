"""Loads the demo city into a database that holds no compounds."""

import datetime
from dataclasses import dataclass

from auditlog.models import LogEntry
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.portal.services import declare_demo
from communities.people import demo as people
from communities.people.models import User
from compounds.ledger.models import LedgerHead
from compounds.register.models import Compound
from oversight.demo import plan
from oversight.demo.calendar import ZONE
from oversight.demo.plans import tell_plans
from oversight.demo.procedures import bring_on
from oversight.demo.returns import hand_in
from oversight.demo.story import story
from oversight.demo.tasks import break_down
from oversight.demo.telling import tell
from oversight.programme.models import Baseline
from oversight.programme.services import load_reference

SMALLEST_SCALE, LARGEST_SCALE = 0.02, 10.0


class DemoRefused(Exception):
    """The demo city cannot be loaded; str() says why and what to do."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded."""

    compounds: int
    entries: int
    business_date: datetime.date
    accounts: list[str]


def load_demo(*, seed: int = plan.DEFAULT_SEED, scale: float = 1.0) -> Loaded:
    """Load the demo city of a seed up to the business date, all or nothing. Raises DemoRefused.

    The story is the same for a seed whatever the date: an earlier date gives its beginning.
    """
    if not SMALLEST_SCALE <= scale <= LARGEST_SCALE:
        message = _("--scale %(scale)s is not possible; accepted: %(least)s to %(most)s.")
        raise DemoRefused(message % {"scale": scale, "least": SMALLEST_SCALE, "most": LARGEST_SCALE})
    try:
        with transaction.atomic():
            return _load(seed, scale, settings.BUSINESS_DATE or plan.DEFAULT_BUSINESS_DATE)
    finally:
        portal.forget()


def _load(seed: int, scale: float, today: datetime.date) -> Loaded:
    # Under the ledger's lock, so that nobody enters a compound meanwhile.
    head = LedgerHead.objects.select_for_update().get(pk=1)
    if head.height or Compound.objects.exists():
        message = _(
            "This database holds compounds already; the demo city is loaded into an empty one only. "
            "Choose another with DATABASE_URL or CHAOYANG_PM_DATA_DIR."
        )
        raise DemoRefused(message)
    load_reference()
    whole = story(seed, scale)
    steps = [step for step in whole if step.at.date() <= today]
    if not steps:
        message = _("The story of the demo city begins in January 2014; on %(today)s nothing has been recorded yet.")
        raise DemoRefused(message % {"today": today.isoformat()})
    joined = datetime.datetime.combine(plan.START, datetime.time(9), ZONE) + datetime.timedelta(days=5)
    created = [user.username for user in people.create_accounts(joined=joined)]
    declare_demo(business_date=today, accounts=created)
    # What the audit library noted of these accounts belongs to the story, too.
    LogEntry.objects.filter(timestamp__gt=joined).update(timestamp=joined)
    users = {user.username: user for user in User.objects.all()}
    entries = tell(steps, users, today=today, whole=whole)
    if baseline := Baseline.objects.first():
        break_down(today=today, height=baseline.height, users=users)
    bring_on(today=today, users=users, seed=seed)
    hand_in(today=today, users=users, seed=seed)
    tell_plans(today=today, users=users, seed=seed, whole=whole)
    return Loaded(Compound.objects.count(), entries, today, created)
