import datetime
from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.problems import bad
from chaoyang_pm.kit.sheets.sending import csv_file, send_bytes
from chaoyang_pm.kit.sheets.writing import Field, write_table
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors, around
from compounds.ledger.asking import resolve_date, resolve_height
from compounds.ledger.choices import Mode
from compounds.ledger.selectors import known_by
from compounds.register import selectors as register
from compounds.reports.review_selectors import decides
from compounds.reports.under_way import under_way
from oversight.cockpit.selectors import Cockpit, cockpit
from oversight.coverage import cards, presenters, selectors
from oversight.coverage.choices import Grouping
from oversight.coverage.movements import Amount, movements, restatement
from oversight.coverage.question import Question, Span, resolve, resolve_span
from oversight.coverage.series import series
from oversight.explaining.choices import Figure
from oversight.plans.foreseen import PlannedFigure, planned_figure
from oversight.programme import selectors as programme
from oversight.programme.models import Programme
from oversight.shell import navigation


class FiguresPage(PageMixin, TemplateView):
    """A page about one question: a division at a date, as known at a version, by a rule."""

    action = "figures.read"

    @cached_property
    def question(self) -> Question:
        """The question of the address; a division outside the user's scope is none (404)."""
        user, code = self.request.user, self.kwargs.get("code", "")
        if code and not user.scope.covers(code):
            raise Http404
        asked = self.request.asked = resolve(division=self.place(code), **self.state)
        if not asked.version.is_newest or asked.as_of < business_date():
            self.request.numbers = {"review:queue": 0}  # a page about the past counts nothing that waits
        return asked

    def place(self, code: str) -> str | Division:
        """The division of the address, or its code for whoever resolves it."""
        return code

    def trail(self):
        return ancestors(self.question.division)

    def get_context_data(self, **kwargs):
        return super().get_context_data(question=self.question, division=self.question.division, **kwargs)


class AroundPage(FiguresPage):
    """A page that shows a division with those below it: one query for them, the division itself and the way to it."""

    #: Levels further down that are wanted, too.
    levels: tuple[str, ...] = ()

    @cached_property
    def around(self) -> tuple[list[Division], list[Division]]:
        """The way to the division, and the divisions below it."""
        return around(self.kwargs.get("code") or self.question.division.code, *self.levels)

    def place(self, code: str) -> str | Division:
        if not (code.isascii() and code.isdigit()):
            return code
        way, _below = self.around
        return way[-1] if way and way[-1].code == code else code

    def trail(self):
        return self.around[0]


class DivisionFigures(AroundPage):
    """The city, or a division below it: figures, targets, children down to the compounds."""

    template_name = "oversight/coverage/division.html"

    @cached_property
    def by(self) -> str:
        possible = cards.groupings(self.question.division)
        by = self.request.GET.get("by") or possible[0]
        if by not in possible:
            message = _("There is no breakdown “%(value)s” here; accepted: %(accepted)s.")
            raise bad("by", by, message % {"value": by, "accepted": ", ".join(possible)})
        return by

    @cached_property
    def sort(self) -> str:
        sort = self.request.GET.get("sort") or "name"
        if sort.removeprefix("-") not in cards.SORTS:
            message = _("The table cannot be sorted by “%(value)s”; accepted: %(accepted)s.")
            raise bad("sort", sort, message % {"value": sort, "accepted": ", ".join(cards.SORTS)})
        return sort

    @cached_property
    def programme(self) -> Programme | None:
        return programme.current()

    @property
    def levels(self) -> tuple[str, ...]:
        by = self.request.GET.get("by", "")
        return (by,) if by in selectors.BY_LEVEL else ()

    @cached_property
    def cockpit(self) -> Cockpit:
        return cockpit(self.question, self.programme, self.around[1], self.by)

    def get_context_data(self, **kwargs):
        seen = self.cockpit
        targets = cards.target_cards(self.question, seen.targets)
        groups = cards.in_order(seen.groups, self.sort)
        under_way = self.under_way()
        return super().get_context_data(
            cockpit=seen, figures=seen.figures, matrix=cards.matrix(seen.figures),
            cards=[card for card in targets if card.is_fixed], others=[card for card in targets if not card.is_fixed],
            groups=groups, by=self.by, sort=self.sort, is_city=self.question.division.level == Level.CITY,
            groupings=[Grouping(by) for by in cards.groupings(self.question.division)],
            compounds=self.compounds(), under_way=under_way,
            planned=self.planned() if under_way is not None else None, **kwargs,
        )  # fmt: skip

    def under_way(self):
        """What is reported and not yet approved, beside the newest version only."""
        asked, user = self.question, self.request.user
        if not asked.version.is_newest or asked.as_of < business_date():
            return None
        scope, code = user.scope, asked.division.code
        own = scope.everything if asked.division.parent_id is None else scope.codes == (code,)
        found = under_way(code, as_of=asked.as_of, modes=asked.modes, reader=user if own and decides(user) else None)
        if found.waiting is not None:
            self.request.numbers = {"review:queue": found.waiting}
        return found

    def planned(self) -> PlannedFigure | None:
        """计划数, from what the chart has read; none of plans that are older than the chart."""
        seen = self.cockpit.planned
        return planned_figure(self.question, seen.foreseen, seen.line.at) if seen else None

    def compounds(self):
        """Of a community, its compounds."""
        if not cards.is_community(self.question.division):
            return None
        return register.rows(
            register.lying_in(self.question.division.code, as_of=self.question.as_of, height=self.question.height),
            code=self.question.division.code, as_of=self.question.as_of, height=self.question.height,
            modes=self.question.modes,
        )  # fmt: skip


class City(DivisionFigures):
    """The first page: the city's figures, or those of one's own division; of a community what it reports about.

    An empty portal says what to do first.
    """

    def get(self, request, *args, **kwargs):
        scope = request.user.scope
        if not scope.everything:
            if not scope.codes:
                self.template_name = "oversight/coverage/no_office.html"
                return self.render_to_response({"trail": []})
            if not any(room.url_name == "coverage:city" for room in navigation.rooms_of(request.user)):
                return redirect("reports:home")
            query = {name: value for name, value in self.state.items() if value}
            return redirect(reverse("coverage:division", args=[scope.codes[0]], query=query or None))
        if self.programme is None or not (self.question.height or self.state["height"]):
            return self.first_steps(0)
        return super().get(request, *args, **kwargs)

    def place(self, code: str) -> str | Division:
        return self.programme.city if self.programme else ""

    def trail(self):
        return [self.question.division] if self.programme else []

    def first_steps(self, height: int):
        self.template_name = "oversight/coverage/first_steps.html"
        return self.render_to_response({"steps": cards.first_steps(height)})


class Export(DivisionFigures):
    """The table of the groups as CSV or xlsx, in the columns of the command line."""

    def get(self, request, *args, **kwargs):
        groups = cards.in_order(selectors.groups(self.question, self.by), self.sort)
        data = presenters.coverage(self.question, selectors.coverage(self.question), groups)
        return table_file(
            self.question, list(presenters.COVERAGE_COLUMNS), presenters.coverage_rows(data), kwargs["format"]
        )  # fmt: skip


def table_file(question: Question, header: list, rows: list[list], form: str, name: str = "") -> HttpResponse:
    """A table of the question as CSV or xlsx."""
    if form == "csv":
        content = b"".join(csv_file([Field(label) for label in header], rows))
    else:
        content = write_table(header, rows, title=portal.notice())
    about = "-".join(filter(None, (str(question.division), name, str(question.as_of), str(question.height))))
    return send_bytes(f"{about}.{form}", content)


class SeriesPage(FiguresPage):
    """月度数据: the division at the end of every month of a span."""

    template_name = "oversight/coverage/series.html"

    @cached_property
    def span(self) -> Span:
        asked = self.request.GET
        return resolve_span(self.question, since=asked.get("from", ""), until=asked.get("to", ""))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            span=self.span, months=series(self.question, self.span), explains=list(Figure), **kwargs
        )


class SeriesFile(SeriesPage):
    """The same as CSV or xlsx, in the field names of the contract."""

    def get(self, request, *args, **kwargs):
        data = presenters.series(self.question, self.span, series(self.question, self.span))
        return table_file(
            self.question, list(presenters.SERIES_COLUMNS), presenters.series_rows(data), kwargs["format"],
            _("Monthly figures"),
        )  # fmt: skip


class RulesPage(FiguresPage):
    """口径对照: the division and its parts by every counting rule of the date."""

    template_name = "oversight/coverage/rules.html"

    def get_context_data(self, **kwargs):
        rules = programme.rules_on(self.question.as_of)
        below = [by for by in cards.groupings(self.question.division) if by in selectors.BY_LEVEL]
        parts = selectors.side_by_side(self.question, rules, below[0]) if below else []
        [whole] = selectors.side_by_side(self.question, rules)
        counted = [[Mode(mode) for mode in programme.counted_modes(rule)] for rule in rules]
        return super().get_context_data(
            rules=rules, parts=parts, whole=whole, by_rule=list(zip(rules, counted, whole.figures, strict=True)),
            **kwargs,
        )  # fmt: skip


def resolve_since(text: str, as_of: datetime.date) -> datetime.date:
    """The first day of a span that ends on the question's date."""
    since = resolve_date(text, field="from")
    if since > as_of:
        raise bad("from", text, _("The first date lies after the last; give the earlier one first."))
    return since


class MovementsPage(FiguresPage):
    """增减变动: opening, what each kind of event moved, closing."""

    template_name = "oversight/coverage/movements.html"

    @cached_property
    def since(self) -> datetime.date:
        text = self.request.GET.get("from", "")
        return resolve_since(text, self.question.as_of) if text else self.question.as_of.replace(month=1, day=1)

    def get_context_data(self, **kwargs):
        moved = movements(self.question, self.since)
        explains = (Figure.MANAGED, Figure.TOTAL, Figure.ALL_HOUSEHOLDS)
        return super().get_context_data(since=self.since, moved=moved, explains=explains, **kwargs)


class RestatementPage(FiguresPage):
    """数据差异说明: what was recorded between two versions and changed the figure, compound by compound."""

    template_name = "oversight/coverage/restatement.html"

    @cached_property
    def earlier(self):
        """The version that was reported; unless one is named, what was known when the question's date had passed."""
        text = self.request.GET.get("from_height") or known_by(self.question.as_of, height=self.question.height)
        version = resolve_height(text, field="from_height")
        if version.height > self.question.height:
            message = _("The earlier version %(value)s is newer than version %(height)s; give a smaller number.")
            facts = {"value": version.height, "height": self.question.height}
            raise bad("from_height", version.height, message % facts)
        return version

    def get_context_data(self, **kwargs):
        rows = restatement(self.question, self.earlier.height)
        return super().get_context_data(
            earlier=self.earlier, rows=rows, change=sum((row.change for row in rows), Amount()),
            before=selectors.coverage(replace(self.question, version=self.earlier)),
            after=selectors.coverage(self.question), **kwargs,
        )  # fmt: skip
