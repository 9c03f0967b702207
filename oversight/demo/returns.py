"""The monthly returns of the story's last months: two are closed, the newest is nearly in."""

import datetime
from collections.abc import Mapping
from random import Random

from django.core.files.base import ContentFile

from chaoyang_pm.kit.dates import add_months, month_end
from communities.divisions.choices import CODE_LENGTH, Level
from communities.people.models import User
from compounds.reports.choices import WITH_AUTHOR
from compounds.reports.clock import told_at
from compounds.reports.models import Report
from compounds.returns import services
from compounds.returns.models import Return
from oversight.demo import plan
from oversight.demo.calendar import office_time, working_day
from oversight.demo.pictures import seal
from oversight.demo.words import W

#: Whole months before the newest one.
CLOSED = 2
#: Of a hundred communities so many have not reported the newest month.
MISSING = 15


def hand_in(*, today: datetime.date, users: Mapping[str, User], seed: int) -> None:
    """Ask for and hand in the returns up to ``today``; counties without an account report through the bureau."""
    rng = Random(f"{seed}/returns")  # noqa: S311 — a story, no secret
    # Who has not sent all reports of the newest month has not handed in its return.
    unsent = set(Report.objects.filter(state__in=WITH_AUTHOR).values_list("community", flat=True))
    for back in range(CLOSED, -1, -1):
        month = add_months(today.replace(day=1), -back)
        if month < plan.START.replace(day=1):
            continue
        services.open_month(month=month, today=month)
        for row in Return.objects.filter(month=month, level=Level.COMMUNITY).order_by("division"):
            if back or (rng.randrange(100) >= MISSING and row.division_id not in unsent):
                at = _between(rng, month.replace(day=20), min(month.replace(day=27), today))
                with told_at(at):
                    services.submit(row=row, by=_reporter(row.division_id, users))
        if back:
            _close(month, today, users, rng)


def _close(month: datetime.date, today: datetime.date, users: Mapping[str, User], rng: Random) -> None:
    """Counties hand in their tables at the beginning of the next month, and the city accepts them."""
    first, sealed = month_end(month) + datetime.timedelta(days=1), seal()
    for number, row in enumerate(Return.objects.filter(month=month, level=Level.COUNTY).order_by("division"), start=1):
        by = users.get(f"county_{row.division_id}", users["bureau"])
        at = _between(rng, first, min(first + datetime.timedelta(days=4), today))
        with told_at(at):
            services.prepare(row=row, by=by)
            services.seal(
                row=row, file=ContentFile(sealed, name=f"{row.division.name}{month:%Y-%m}.png"), by=by,
                document_no=W.return_no.format(month=f"{month:%Y-%m}", number=number + month.month * 10),
                signatory=W.signatory,
            )  # fmt: skip
        with told_at(at + datetime.timedelta(hours=1)):
            services.accept(row=row, by=users["bureau"])


def _reporter(community: str, users: Mapping[str, User]) -> User:
    """The committee, else the county for it (代报), else the bureau."""
    county = community[: CODE_LENGTH[Level.COUNTY]]
    return users.get(f"committee_{community}") or users.get(f"county_{county}") or users["bureau"]


def _between(rng: Random, first: datetime.date, last: datetime.date) -> datetime.datetime:
    days = max(0, (last - first).days)
    day = working_day(first + datetime.timedelta(days=rng.randint(0, days)))
    return office_time(rng, min(day, last))
