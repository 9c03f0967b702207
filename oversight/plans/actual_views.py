from typing import Any

from django.core.paginator import Paginator
from django.db import models
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.figures import masked
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.problems import bad
from communities.people.permissions import reach
from oversight.coverage.views import AroundPage
from oversight.plans.actuals import Actuals, actuals
from oversight.plans.foreseen import in_force
from oversight.plans.states import LineActual, LineState
from oversight.programme import selectors as programme

#: Lines on one page of the screen.
LINES = 50


class Shown(models.TextChoices):
    """Which lines are listed, besides those of one state."""

    OVERDUE = "overdue", gettext_lazy("Overdue lines")
    NEXT = "next", gettext_lazy("Due next quarter")
    ALL = "all", gettext_lazy("All lines of the plan")


class Start(PageMixin):
    """The city's page, or that of one's own division."""

    action = "plans.read"

    def get(self, request, *args, **kwargs):
        scope, current = request.user.scope, programme.current()
        if current is None:
            raise Http404
        code = current.city_id if scope.everything else scope.codes[0]
        return redirect(reverse("plan_actuals:division", args=[code], query=request.GET))


class ActualsPage(AroundPage):
    """计划与实际: what approved plans foresee of a division, and what has become of it."""

    action = "plans.read"
    template_name = "oversight/plans/actuals.html"

    def subject(self) -> None:
        """A division outside the reader's scope is unknown also to whoever reads no plans."""
        if not self.request.user.scope.covers(self.kwargs["code"]):  # type: ignore[union-attr]  # log-in is required
            raise Http404

    @cached_property
    def shown(self) -> Shown | LineState:
        """Which lines are listed below."""
        value = self.request.GET.get("show") or Shown.OVERDUE.value
        for choices in (Shown, LineState):
            if value in choices.values:
                return choices(value)
        message = _("There is no “%(value)s”; accepted: %(accepted)s.")
        accepted = ", ".join([*Shown.values, *LineState.values])
        raise bad("show", value, message % {"value": value, "accepted": accepted})

    @cached_property
    def found(self) -> Actuals:
        current, asked = programme.current(), self.question
        if current is None:
            raise Http404
        return actuals(asked, current, self.around[1], in_force(current, asked.division.code, asked.as_of))

    def get_context_data(self, **kwargs):
        page = Paginator(self.listed, LINES).get_page(self.request.GET.get("page"))
        phones = reach(self.request.user, "exports.phones")  # type: ignore[arg-type]  # log-in is required
        rows = [self.row(one, phones.covers(one.foreseen.community)) for one in page]
        return super().get_context_data(
            found=self.found, shown=self.shown, choices=Shown, page_obj=page, rows=rows, **kwargs
        )

    @property
    def listed(self) -> list[LineActual]:
        if self.shown == Shown.OVERDUE:
            return self.found.late
        lines = self.found.quarter.lines if self.shown == Shown.NEXT else self.found.lines
        if isinstance(self.shown, LineState):
            lines = [one for one in lines if one.state == self.shown]
        return sorted(lines, key=lambda one: (one.foreseen.due_on, one.line.version.county_id, one.line.number))

    @staticmethod
    def row(one: LineActual, in_full: bool) -> dict[str, Any]:
        """A line with the telephone as the reader may see it."""
        return {"one": one, "line": one.line, "phone": one.line.phone if in_full else masked(one.line.phone)}
