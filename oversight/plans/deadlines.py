"""Until when plans are due: how a day is set, and who is reminded of it."""

import datetime
from collections.abc import Iterator

from auditlog.context import set_actor
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.permissions import require
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.notices.deadlines import Deadline
from communities.notices.kinds import Text
from communities.people.models import User
from compounds.ledger.refusals import refuse
from oversight.plans import selectors
from oversight.plans.models import PlanDeadline
from oversight.programme import selectors as programme_selectors
from oversight.programme.models import Programme


def of_plans(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    """Counties whose plan is due in between and was never submitted."""
    programme = programme_selectors.current()
    if programme is None:
        return
    rows = selectors.deadlines(programme)
    if not any(first <= row.due_on <= last for row in rows):
        return
    for county in selectors.missing(programme):
        due = selectors.due_on(programme, county.code, rows)
        if due and first <= due <= last:
            what = Text(gettext_lazy("Plan of %(county)s"), county=county.name)
            key, offices = f"plan:{programme.pk}:{county.pk}", (("plans.write", county),)
            yield Deadline(key=key, due_on=due, what=what, offices=offices, link=reverse("plans:list"))


@transaction.atomic
def set_deadline(
    *, programme: Programme, division: Division, due_on: datetime.date, by: User, document: str = ""
) -> PlanDeadline:  # fmt: skip
    """The deadline of the city's counties, or the extension of one, with its document. Raises Refused."""
    require(by.may("plans.deadlines", division))
    granted(division=division, document=document)
    with set_actor(by):
        row, _new = PlanDeadline.objects.update_or_create(
            programme=programme,
            division=division,
            defaults={"due_on": due_on, "document": document.strip(), "set_by": by},
        )
    return row


def granted(*, division: Division, document: str) -> None:
    """Refuses what is no county or city, and an extension without its document."""
    if division.level not in (Level.CITY, Level.COUNTY):
        raise refuse("division", division.code, _("Plans are those of counties; name a county or the city."))
    if division.level == Level.COUNTY and not document.strip():
        raise refuse("document", "", _("An extension is granted with a document; name it."))
