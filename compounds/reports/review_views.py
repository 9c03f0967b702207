"""审核: the queue on the left, one report on the right, and the decision on it."""

from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.once.services import Done, OtherRequest, digest_of, once
from chaoyang_pm.kit.pages import PageMixin
from compounds.ledger.refusals import Refused
from compounds.reports import review, review_clean, review_selectors
from compounds.reports.choices import Office, ReportState, Step
from compounds.reports.claims import at_fields
from compounds.reports.review_forms import ALL, DecisionForm, QueueForm
from compounds.reports.review_sides import Sides, way_of
from compounds.reports.services import Stale
from compounds.reports.transitions import may_take

#: Reports on one page of the list.
PER_PAGE = 50


class Queue(PageMixin, TemplateView):
    """The reports that wait for the reader; the first is open."""

    action = "reports.read"
    template_name = "compounds/reports/review.html"

    @cached_property
    def decides(self):
        return review_selectors.decides(self.request.user)

    @property
    def shows_mine(self):
        return self.decides and self.request.GET.get("whose") != ALL

    @cached_property
    def everything(self):
        """All that the list could show, before it is filtered."""
        user = self.request.user
        return review_selectors.waiting_for(user) if self.shows_mine else review_selectors.seen_by(user)

    @cached_property
    def filters(self):
        return QueueForm(self.request.GET, decides=self.decides)

    @cached_property
    def summary(self):
        return review_selectors.summary(review_selectors.described(self.everything), self.filters.asked() or None)

    @cached_property
    def page(self):
        rows = review_selectors.described(self.everything).filter(self.filters.asked())
        return Counted(rows, PER_PAGE, number=self.summary.shown).get_page(self.request.GET.get("page"))

    @property
    def query(self):
        """What the address says about the list, for links that stay within it."""
        names = [*self.filters.fields, "page"]
        given = {name: self.request.GET[name] for name in names if self.request.GET.get(name)}
        return f"?{urlencode(given)}" if given else ""

    @cached_property
    def looked(self):
        """The reports of the page with the reasons why they are not clean; none for those who only read."""
        rows = list(self.page.object_list)
        if not self.decides:
            return review_clean.unlooked(rows)
        return review_clean.look(rows, by=self.request.user, rehearses=False)

    @cached_property
    def report(self):
        return self.looked.rows[0].report if self.looked.rows else None

    @property
    def is_mine(self):
        """Whether it is for the reader to decide on the report that is open."""
        if any(row.report is self.report for row in self.looked.rows) and self.shows_mine:
            return True
        report = self.report
        if not hasattr(report, "is_turn"):
            report = review_selectors.one(self.request.user).get(pk=report.pk)
        return report.is_turn and not report.is_agreed

    def following(self):
        """The key of the report that opens after the one that is open."""
        keys = [row.report.pk for row in self.looked.rows]
        if self.report is None or self.report.pk not in keys:
            return keys[0] if keys else None
        at = keys.index(self.report.pk)
        return next(iter([*keys[at + 1 :], *keys[:at]]), None)

    def get_context_data(self, **kwargs):
        today = business_date()
        listed = [
            (row, review_selectors.days_waited(row.report, today), row.report.allowed) for row in self.looked.rows
        ]
        if self.shows_mine:
            self.request.numbers = {"review:queue": self.summary.number}
        context = super().get_context_data(
            listed=listed, page_obj=self.page, filters=self.filters, query=self.query, decides=self.decides,
            shows_mine=self.shows_mine, summary=self.summary, clean=len(self.looked.clean) if self.decides else 0,
            report=self.report, **kwargs,
        )  # fmt: skip
        return context | (self.opened(**kwargs) if self.report else {})

    def opened(self, form=None, stale=None, **kwargs):
        report, user, mine = self.report, self.request.user, self.is_mine
        sides, way = Sides(report, user), way_of(report, user)
        self.request.asked = (business_date(), sides.version)
        facts = sides.facts()
        shown = ("kind", "files", *(fact.name for fact in facts if fact.name))
        return {
            "sides": sides, "facts": facts, "way": way, "decidable": mine,
            "steps": steps_of(report) if mine else [],
            "replaces": replaces(report, user) if mine else "",
            "form": form or DecisionForm.fresh(report, self.following(), shown=shown),
            "stale": way.since(stale) if stale is not None else None,
            "files": report.files.all() if report.has_files else [],
        }  # fmt: skip


class Counted(Paginator):
    """Pages of rows that were counted already."""

    def __init__(self, *args, number, **kwargs):
        super().__init__(*args, **kwargs)
        self.count = number


def steps_of(report):
    """The steps of whoever's turn it is, that by which he agrees first."""
    if report.office == Office.SUBDISTRICT:
        return [Step.VERIFY, Step.RETURN]
    again = [Step.RECHECK] if report.state == ReportState.VERIFIED else []
    return [Step.APPROVE, Step.RETURN, *again]


def replaces(report, user):
    """Where ``user`` writes the report that takes the place of this one; "" if that is not possible."""
    if not may_take(Step.SUPERSEDE, report, user):
        return ""
    if report.compound:
        address = reverse("reports:what", args=[report.compound.code])
    else:
        address = reverse("reports:missing", args=[report.community_id])
    return f"{address}?{urlencode({'instead_of': report.pk})}"


class Opened(Queue):
    """The queue with a report of one's choice open; sent, a decision on it."""

    @cached_property
    def report(self):
        key = self.kwargs["pk"]
        for row in self.looked.rows:
            if row.report.pk == key:
                return row.report
        return get_object_or_404(review_selectors.one(self.request.user), pk=key)

    def subject(self):
        return self.report

    def post(self, request, pk):
        form = DecisionForm(request.POST, auto_id="decide_%s")
        if not form.is_valid():
            return self.again(form, 400)
        try:
            done = self.carry_out(form)
        except Stale as stale:
            messages.error(request, str(stale))
            seen = form.cleaned_data["revision"]
            return self.again(self.renewed(form), 409, stale=seen)
        except OtherRequest:
            return redirect(self.address("review:report", pk))
        except Refused as refused:
            for name, message in at_fields(refused).items():
                field = name if name == "reason" else f"comment_{name}"
                form.add_error(field if field in form.fields else None, message)
            return self.again(form, 400)
        messages.success(request, f"{self.report}: {done.body['said']}")
        return redirect(self.onwards(form.cleaned_data["next"]))

    def carry_out(self, form):
        """Once for the form's key, however often it is sent."""
        data = form.cleaned_data
        sent = [str(self.report.pk), data["step"], data["revision"]]

        def act():
            decided = review.decide(
                report=self.report, step=Step(data["step"]), by=self.request.user, revision=data["revision"],
                reason=data["reason"], comments=form.comments(),
            )  # fmt: skip
            return Done(200, {"said": str(decided)})

        return once(by=self.request.user, key=f"review:{data['key']}", digest=digest_of(sent), act=act)

    def renewed(self, form):
        """What was written, for the report as it stands now."""
        for name in ("report", "looked", "page"):
            self.__dict__.pop(name, None)
        data = self.request.POST.copy()
        data["revision"] = str(self.report.revision)
        fresh = DecisionForm(data, auto_id="decide_%s")
        fresh.is_valid()
        return fresh

    def again(self, form, status, **kwargs):
        return self.render_to_response(self.get_context_data(form=form, **kwargs), status=status)

    def onwards(self, following):
        """The next report if it still waits; else the queue, which opens the first of what is left."""
        waiting = review_selectors.waiting_for(self.request.user)
        if following and waiting.filter(pk=following).exists():
            return self.address("review:report", following)
        return self.address("review:queue")

    def address(self, name, *args):
        return reverse(name, args=args) + self.query
