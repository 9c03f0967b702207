"""Until when plans are due: a county without one is reminded, and so is the city that waits for it."""

import datetime
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from communities.notices.deadlines import Deadline
from communities.notices.kinds import Text
from oversight.plans import selectors
from oversight.programme import selectors as programme_selectors


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
            what = Text(_("Plan of %(county)s"), county=county.name)
            offices = (("plans.write", county),)
            yield Deadline(key=f"plan:{programme.pk}:{county.pk}", due_on=due, what=what, offices=offices)
