"""``coverage/``, ``coverage/series/``, ``movements/``, ``restatement/``, ``targets/``: the figures, as on pages."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.formats import Table
from chaoyang_pm.kit.api.parameters import AS_OF, DATE, Parameter, one_of, words
from chaoyang_pm.kit.api.views import ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.dates import resolve_date
from chaoyang_pm.kit.problems import bad
from communities.divisions.asking import DIVISION, named
from compounds.ledger.asking import resolve_height
from compounds.ledger.moment import HEIGHT, MOMENT, AtMoment
from compounds.ledger.selectors import Version, known_by
from compounds.register.counting import RULE
from compounds.reports.under_way import under_way
from oversight.coverage import examples, presenters, selectors, serializers
from oversight.coverage.movements import explained, movements, restated
from oversight.coverage.question import Question, resolve, resolve_span
from oversight.coverage.series import series
from oversight.coverage.target_asking import TARGET_VERSION, resolve_versions_on
from oversight.coverage.targets import board
from oversight.plans.foreseen import planned_now
from oversight.programme import selectors as programme

MONTH = (("type", "string"), ("pattern", r"^\d{4}-\d{2}$"))


class Asking(AtMoment):
    """An endpoint about one question; a blank division is the city, or the one division of the reader's office."""

    action = "figures.read"

    @cached_property
    def question(self) -> Question:
        asked = self.asked
        return resolve(
            division=self.division, as_of=asked.get("as_of", ""), height=self.height, rule=asked.get("rule", "")
        )

    @cached_property
    def division(self) -> str:
        user = self.request.user
        if division := named(self.asked["division"], user=user):
            return division.code
        if user.scope.everything:
            return ""
        offices = sorted({office.division_id for office in user.current_appointments if office.division_id})
        if len(offices) != 1:
            message = _("Name the division; accepted: %(accepted)s and what lies below.")
            raise bad("division", "", message % {"accepted": ", ".join(offices) or "—"})
        return offices[0]


class Coverage(Asking, ObjectEndpoint):
    """Coverage of a division at a date, as known at a version, by a counting rule; with `by` also of its parts."""

    summary = "Coverage 物业覆盖率"
    result, example = serializers.Coverage, examples.COVERAGE
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter("by", "Also the figures of each part. 分组", "county", words(selectors.GROUPINGS)),
    )  # fmt: skip

    def data(self):
        by = one_of("by", self.asked["by"], selectors.GROUPINGS)
        below = [name for name in selectors.GROUPINGS if name not in selectors.BY_LEVEL or self._is_below(name)]
        one_of("by", by, below)
        groups = selectors.groups(self.question, by) if by else None
        figures, question = selectors.coverage(self.question), self.question
        data = presenters.coverage(question, figures, groups)
        if self.has_under_way:
            way = under_way(question.division.code, as_of=question.as_of, modes=question.modes)
            planned = planned_now(programme.current(), question)
            data["under_way"] = presenters.under_way(figures, way, planned)
        return data

    @property
    def has_under_way(self) -> bool:
        """A figure of a version that is named has nothing under way: it stays what it was."""
        return not self.asked["height"]

    def _is_below(self, level: str) -> bool:
        return selectors.BY_LEVEL[level] >= len(self.question.division.code)

    def table(self, data):
        return Table(presenters.COVERAGE_COLUMNS, presenters.coverage_rows(data))


class Series(Asking, ObjectEndpoint):
    """The figures of a division at the end of each month; of the last month, at `as_of` if it comes first."""

    summary = "Monthly series 月度数据"
    result, example = serializers.Series, examples.SERIES
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter("from", "First month, YYYY-MM; default: eleven months before `to`. 起始月份", "2014-01", MONTH),
        Parameter("to", "Last month, YYYY-MM; default: the month of `as_of`. 截止月份", "2014-12", MONTH),
    )  # fmt: skip

    def data(self):
        span = resolve_span(self.question, since=self.asked["from"], until=self.asked["to"])
        return presenters.series(self.question, span, series(self.question, span))

    def table(self, data):
        return Table(presenters.SERIES_COLUMNS, presenters.series_rows(data))


class MovementsBetween(Asking, ObjectEndpoint):
    """What moved in a division after `from` up to `to`, by kind of event: opening + movements = closing. 增减变动."""

    summary = "Movements 增减变动"
    result, example = serializers.MovementFigures, examples.MOVEMENTS
    parameters = (
        DIVISION,
        Parameter("from", "Date of the opening figures; default: 1 January. 期初日期", "2014-01-01", DATE),
        Parameter("to", "Date of the closing figures; default: the business date. 期末日期", "2014-12-31", DATE),
        HEIGHT, RULE,
    )  # fmt: skip

    @cached_property
    def as_of(self):
        return resolve_date(self.asked["to"], field="to")

    @cached_property
    def question(self):
        return resolve(
            division=self.division, as_of=self.as_of.isoformat(), height=self.height, rule=self.asked["rule"]
        )

    def data(self):
        text = self.asked["from"]
        since = resolve_date(text, field="from") if text else self.as_of.replace(month=1, day=1)
        if since > self.as_of:
            raise bad("from", text, _("The first date lies after the last; give the earlier one first."))
        return presenters.movements(self.question, since, movements(self.question, since))

    def table(self, data):
        return Table(presenters.MOVEMENT_COLUMNS, presenters.movement_rows(data))


class Restatement(Asking, ListEndpoint):
    """What was recorded between two versions and changed a division's figure, compound by compound. 数据差异说明."""

    summary = "Restatement 数据差异说明"
    result, result_more, example = serializers.RestatedCompound, serializers.RestatementMore, examples.RESTATEMENT
    parameters = (
        DIVISION, AS_OF,
        Parameter(
            "from", "Earlier version; default: what was known when `as_of` had passed. 原数据版次", 10,
            (("type", "integer"), ("minimum", 0)),
        ),
        Parameter(
            "to", "Later version; default: the newest. 新数据版次", 16, (("type", "integer"), ("minimum", 0))
        ),
        RULE,
    )  # fmt: skip
    columns = presenters.RESTATEMENT_COLUMNS

    @cached_property
    def height(self):
        text = self.asked["to"]
        return resolve_height(text, field="to").height if text else self.state.newest

    @cached_property
    def earlier(self) -> Version:
        text = self.asked["from"]
        version = resolve_height(text or known_by(self.as_of, height=self.height), field="from")
        if version.height > self.height:
            message = _("The earlier version %(value)s is newer than version %(height)s; give a smaller number.")
            raise bad("from", version.height, message % {"value": version.height, "height": self.height})
        return version

    def depends_on(self):
        return [*super().depends_on(), self.state.newest]

    def pinned(self):
        pinned = {name: value for name, value in super().pinned().items() if name != "height"}
        return pinned | {"from": str(self.earlier.height), "to": str(self.height)}

    def rows(self, after, limit):
        found = restated(self.question, self.earlier.height, after=after, limit=limit)
        return [presenters.restated(one) for one in explained(self.question, self.earlier.height, found)]

    def key(self, row):
        return row["code"]

    def more(self, rows):
        before = selectors.coverage(replace(self.question, version=self.earlier))
        return presenters.restatement(self.question, self.earlier, before, selectors.coverage(self.question))


class Targets(AtMoment, ListEndpoint):
    """The programme's targets that ask something of the reader's divisions, or of the one asked for."""

    action = "figures.read"
    summary = "Targets 任务指标"
    result, example = serializers.TargetRow, examples.TARGETS
    parameters = (DIVISION, *MOMENT, RULE, TARGET_VERSION)
    columns = presenters.TARGET_COLUMNS

    @cached_property
    def asked_of(self) -> Sequence[str]:
        user = self.request.user
        division = named(self.asked["division"], user=user)
        return [division.code] if division else [""] if user.scope.everything else user.scope.codes

    def rows(self, after, limit):
        codes = self.asked_of
        question = resolve(as_of=self.asked["as_of"], height=self.height, rule=self.asked["rule"])
        found = board(question, resolve_versions_on(self.asked["target_version"]))
        concerned = [figures for figures in found if any(map(figures.territory.concerns, codes))]
        listed = [presenters.target(figures) for figures in concerned]
        first = 0 if after is None else [row["code"] for row in listed].index(after) + 1
        return listed[first : first + limit]

    def key(self, row):
        return row["code"]


urlpatterns = [
    re_path(r"^coverage/?$", Coverage.as_view(), name="coverage"),
    re_path(r"^coverage/series/?$", Series.as_view(), name="series"),
    re_path(r"^movements/?$", MovementsBetween.as_view(), name="movements"),
    re_path(r"^restatement/?$", Restatement.as_view(), name="restatement"),
    re_path(r"^targets/?$", Targets.as_view(), name="targets"),
]
