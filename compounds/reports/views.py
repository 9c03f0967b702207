"""上报: the reporter's pages. What happens with a report afterwards is in the review's."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.pages import PageMixin
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors
from compounds.ledger import selectors as ledger
from compounds.ledger.forms import MANAGED
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.pages import AboutCompound
from compounds.register.selectors import find
from compounds.reports import offers, selectors, services
from compounds.reports.choices import Step
from compounds.reports.models import Report
from compounds.reports.services import Stale
from compounds.reports.transitions import offered
from compounds.returns.selectors import unfiled

#: Compounds on one page of the list.
MANY = 40
#: What is to be ticked on paper besides what happened.
PRINTED = {"modes": MANAGED, "date_bases": offers.DATE_BASES}


class Home(PageMixin, TemplateView):
    """上报: what comes back, what is under way, and the compounds that one reports about."""

    action = "reports.write"
    template_name = "compounds/reports/home.html"

    @cached_property
    def community(self) -> Division | None:
        """The community that is reported for; whoever works in one alone has it chosen already."""
        code = self.kwargs.get("code") or selectors.own_community(self.request.user)
        return get_object_or_404(communities(self.request.user), code=code) if code else None

    def subject(self):
        return self.community

    def trail(self):
        return ancestors(self.community) if self.community else []

    @property
    def text(self) -> str:
        return self.request.GET.get("q", "").strip()[:100]

    def get_context_data(self, **kwargs):
        user, community = self.request.user, self.community
        code = community.code if community else ""
        context = {
            "community": community, "text": self.text, "cards": selectors.cards(user, community=code),
            "may_choose": not selectors.own_community(user),
        }  # fmt: skip
        if community:
            context |= {"ended": selectors.ended(user, community=code), "months": unfiled(community, user=user)}
        else:
            context["streets"] = selectors.streets(user, self.text)
        return super().get_context_data(**context, **self.compounds(code), **kwargs)

    def compounds(self, code: str) -> dict:
        """The compounds of the community, or those that were searched for above it."""
        if not code and not self.text:
            return {}
        listed = Compound.objects.visible_to(self.request.user)
        listed = listed & find(self.text) if self.text else listed
        roll = selectors.roll(listed.filter(community=code) if code else listed, self.request.user, code=code)
        number = self.request.GET.get("page", "1")
        offset = (min(int(number), 10_000) - 1) * MANY if number.isascii() and number.isdigit() and int(number) else 0
        rows, totals = roll.page(offset=offset, limit=MANY)
        page = Paginator(range(totals.compounds), MANY).get_page(offset // MANY + 1)
        return {"compounds": roll.filled(rows, selectors.CARD_COLUMNS), "number": totals.compounds, "page_obj": page}


def communities(user):
    return Division.objects.visible_to(user).filter(level=Level.COMMUNITY, ended_on__isnull=True)


class Reported(AboutCompound, TemplateView):
    """A page about one compound that something is to be reported about."""

    action = "reports.write"

    @cached_property
    def holds(self) -> dict:
        """Area, households, mode and provider, as the card of the compound has them."""
        roll = selectors.roll(Compound.objects.filter(pk=self.compound.pk), self.request.user)
        rows, _totals = roll.page(offset=0, limit=1)
        found = roll.filled(rows, selectors.CARD_COLUMNS)
        return {"compound": found[0] if found else self.compound, "is_used": bool(found)}


class What(Reported):
    """发生了什么: large choices, only what is possible by the ledger."""

    template_name = "compounds/reports/what.html"

    def in_its_place(self) -> str:
        """The report that is to be replaced goes along to the form, which looks whether that can be."""
        old = self.request.GET.get("instead_of")
        return f"?{urlencode({'instead_of': old})}" if old else ""

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            offers=offers.offered(self.compound), query=self.in_its_place(),
            open=selectors.still_open(self.compound, user=self.request.user),
            **self.holds, **kwargs,
        )  # fmt: skip


class Paper(Reported):
    """纸质上报表 for one compound: what the portal knows is printed already."""

    template_name = "compounds/reports/paper.html"

    def get_context_data(self, **kwargs):
        moment = {"as_of": business_date(), "height": ledger.newest().height}
        pockets = ledger.pockets(self.compound, scope=self.request.user.scope, **moment)
        return super().get_context_data(
            offers=offers.OFFERS, pockets=pockets, community=self.compound.community, **self.holds, **PRINTED, **kwargs
        )


class BlankPaper(PageMixin, TemplateView):
    """纸质上报表 with nothing but the community, for what the register does not have, too."""

    action = "reports.write"
    template_name = "compounds/reports/paper.html"

    @cached_property
    def community(self) -> Division:
        return get_object_or_404(communities(self.request.user), code=self.kwargs["code"])

    def subject(self):
        return self.community

    def trail(self):
        return ancestors(self.community)

    def get_context_data(self, **kwargs):
        every = [*offers.OFFERS, offers.MISSING]
        return super().get_context_data(offers=every, community=self.community, **PRINTED, **kwargs)


class AboutReport(PageMixin):
    """A page about one report, named by its key."""

    action = "reports.read"

    @cached_property
    def report(self) -> Report:
        rows = Report.objects.visible_to(self.request.user).select_related(
            "community", "compound__community", "created_by", "entry", "instead_of__compound", "run"
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def subject(self):
        return self.report

    def trail(self):
        return ancestors(self.report.community)


class Detail(AboutReport, TemplateView):
    """One report: what it claims, how far it is, and every step that was taken."""

    template_name = "compounds/reports/report.html"

    def get_context_data(self, **kwargs):
        report, way = self.report, selectors.Way()
        return super().get_context_data(
            report=report, place=way.place(report), awaited=way.awaited(report), claimed=selectors.claimed(report),
            steps=selectors.story(report), files=report.files.all(), newer=report.newer.first(),
            offered=[step.value for step in offered(report, self.request.user)],
            comments=[(selectors.about(name), said) for name, said in selectors.latest_comments(report)], **kwargs,
        )  # fmt: skip


class Take(AboutReport):
    """A step that its author takes with one press: sending, withdrawing."""

    action = "reports.write"
    http_method_names = ["post"]
    STEPS = {Step.SUBMIT.value, Step.WITHDRAW.value}

    def post(self, request, pk, step):
        if step not in self.STEPS:
            raise Http404
        revision = request.POST.get("revision", "")
        seen = int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else None
        try:
            if step == Step.SUBMIT:
                services.submit(report=self.report, by=request.user, revision=seen)
                messages.success(request, _("Sent. It is on its way."))
            else:
                reason = request.POST.get("reason", "")[:500]
                services.withdraw(report=self.report, by=request.user, reason=reason, revision=seen)
                messages.success(request, _("Withdrawn."))
        except (Stale, Refused) as refused:
            messages.error(request, str(refused))
            if step == Step.SUBMIT and isinstance(refused, Refused):
                return redirect("reports:edit", pk)
        return redirect("reports:detail", pk)
