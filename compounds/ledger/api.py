"""``ledger/entries/``: the change feed. ``compounds/<code>/ledger/``: what happened to one compound."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.parameters import Parameter, whole
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.api.views import FORMAT, PAGE_SIZE, ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.facts.selectors import facts_version
from chaoyang_pm.kit.problems import bad
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.asking import DIVISION, check_code
from compounds.approvals.api import HandingIn
from compounds.ledger import feed, rows, serializers
from compounds.ledger import selectors as ledger
from compounds.ledger.models import Entry
from compounds.ledger.moment import HEIGHT, MOMENT, AtMoment
from compounds.register.api import CODE
from compounds.register.models import Compound

ENTRY_COLUMNS = (
    "height", "kind", "effective_on", "precision", "compound.code", "compound.name", "community.code",
    "community.name", "category", "mode_from", "mode_to", "new_category", "target.code", "target.name", "area_m2",
    "households", "reverses", *rows.TEXTS, "recorded_for", "recorded_at", "hash",
)  # fmt: skip


class Entries(HandingIn, AtMoment, ListEndpoint):
    """The change feed: entries in the order in which they were recorded, without gaps.

    Ask with `after=0` first; then with the `height` of the answer before (or follow `next` while there is one). Heights
    follow the order of commits, so nothing is ever added below a `height` that was given out. Whoever sees the whole
    city gets every height. Of a smaller scope an entry is given if it moved area or households there, or, where it
    moved nothing (更换物业服务单位), if the compound held area there then; `height` passes over what lies elsewhere.
    When an office gets a larger scope, begin again with `after=0`.
    """

    action = "ledger.read"
    summary = "Change feed 变动记录"
    result, result_more, example = serializers.EntryRow, serializers.EntriesMore, serializers.FEED_EXAMPLE
    parameters = (
        Parameter(
            "after", "Height after which to begin; 0 for all. 起始数据版次", 0, (("type", "integer"), ("minimum", 0))
        ),
        DIVISION, HEIGHT,
    )  # fmt: skip
    columns = ENTRY_COLUMNS

    @property
    def known(self):
        return (*self.parameters, PAGE_SIZE, FORMAT)

    def depends_on(self):
        return [self.state.newest, *super().depends_on()]

    @cached_property
    def within(self) -> Scope:
        code = check_code(self.asked["division"], user=self.request.user)
        return Scope.of([code]) if code else self.request.user.scope

    @cached_property
    def after(self) -> int:
        after = whole("after", self.asked["after"], least=0, most=10**17, blank=0)
        if after > self.height:
            message = _("Version %(value)s was not recorded yet; the newest is %(newest)s.")
            raise bad("after", after, message % {"value": after, "newest": self.height})
        return after

    def rows(self, after, limit):
        return feed.after(after, upto=self.height, limit=limit, scope=self.within)

    def key(self, row):
        return row["height"]

    def address_after(self, key: Any) -> str:
        given = {name: value for name, value in self.asked.items() if value}
        return f"{self.request.path}?{urlencode(given | {'after': key})}"

    def more(self, rows):
        """``height``: up to where the answer is complete; what to ask after next."""
        return {"height": rows[-1]["height"] if self.has_more else self.height}


class OneEntry(ObjectEndpoint):
    """One entry by its height, with its parts and its postings."""

    action = "ledger.read"
    summary = "One entry 变动记录"
    result, example = serializers.EntryRow, serializers.EXAMPLE
    path_parameters = {
        "height": {
            "description": "Version of the ledger. 数据版次",
            "schema": {"type": "integer", "minimum": 1},
            "example": 6,
        }
    }

    def depends_on(self):
        facts = facts_version()
        return [facts.edits, facts.stamp]

    def data(self):
        height, user = int(self.kwargs["height"]), self.request.user
        known = Entry.objects.visible_to(user).filter(height=min(height, 2**63 - 1))
        found = rows.listed(known, scope=user.scope)
        if not found:
            raise NotFound("height", height)
        return found[0]

    def table(self, data):
        return Table(ENTRY_COLUMNS, [flat(data, ENTRY_COLUMNS)])


class CompoundLedger(AtMoment, ListEndpoint):
    """Everything recorded about one compound up to a date and a version, also as target or part, by date of effect.

    Entries that a reversal took out again are listed, too; `reversed_by` says by which.
    """

    action = "register.read"
    summary = "One compound's entries 小区变动记录"
    result, example = serializers.ReversibleEntryRow, serializers.HISTORY_EXAMPLE
    path_parameters = {"code": CODE}
    parameters = MOMENT
    columns = (*ENTRY_COLUMNS, "reversed_by")

    @cached_property
    def compound(self) -> Compound:
        compound = Compound.objects.visible_to(self.request.user).filter(code=self.kwargs["code"]).first()
        if compound is None:
            raise NotFound("code", self.kwargs["code"])
        return compound

    def rows(self, after, limit):
        entries = ledger.history(self.compound).visible_to(self.request.user)
        entries = entries.select_related(None).prefetch_related(None).filter(
            height__lte=self.height, effective_on__lte=self.as_of
        )  # fmt: skip
        if after is not None:
            day, height = after
            entries = entries.filter(feed.later_than(datetime.date.fromisoformat(day), height))
        return rows.listed(entries[:limit], scope=self.request.user.scope, undone_by=self.height)

    def key(self, row):
        return [row["effective_on"], row["height"]]


urlpatterns = [
    re_path(r"^ledger/entries/?$", Entries.as_view(), name="entries"),
    re_path(r"^ledger/entries/(?P<height>[0-9]{1,19})/?$", OneEntry.as_view(), name="entry"),
    re_path(r"^compounds/(?P<code>[^/]+)/ledger/?$", CompoundLedger.as_view(), name="compound_ledger"),
]
