"""What every page's shell shows: date, version and checksum, counting rules."""

from django.utils.functional import cached_property

from chaoyang_pm.kit.dates import business_date
from compounds.ledger import selectors as ledger
from oversight.coverage.question import Question
from oversight.programme import selectors as programme


class Shell:
    """Read by the base template; a page without signed-in user asks it nothing, so it costs nothing there.

    A view that answers for a certain date and version puts it into ``request.asked``: a Question, or (date, version).
    Any other page shows today.
    """

    def __init__(self, question: Question | None = None, as_of=None, version=None):
        self.question = question
        self._as_of, self._version = as_of, version

    @property
    def today(self):
        return business_date()

    @property
    def as_of(self):
        return self._as_of or self.today

    @property
    def version(self) -> ledger.Version:
        if self._version is None:
            self._version = ledger.newest()
        return self._version

    @property
    def is_newest(self) -> bool:
        return self.version.is_newest

    @cached_property
    def rules(self):
        return (self.question and self.question.rules) or programme.rules_on(self.as_of)


def shell(request) -> dict:
    asked = getattr(request, "asked", None)
    if isinstance(asked, Question):
        return {"shell": Shell(asked, asked.as_of, asked.version)}
    return {"shell": Shell(None, *asked) if asked else Shell()}
