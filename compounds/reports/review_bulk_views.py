"""审核, beside the single report: several together, how long things wait, the rules, and the sample of the city."""

import secrets
from functools import cached_property

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.services import Busy, enqueue, mark_seen
from chaoyang_pm.kit.jobs.sweeping import is_anybody_working
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.problems import bad_form
from chaoyang_pm.kit.sheets.sending import send_xlsx
from chaoyang_pm.kit.sheets.writing import Table, write_xlsx
from communities.people.permissions import office_of
from compounds.reports import review, review_clean, review_sample, review_selectors, services
from compounds.reports.choices import Office, Reporter
from compounds.reports.models import ReviewDays, SkippedLevel
from compounds.reports.review_forms import DaysForm, SampleForm, SkipForm
from compounds.reports.review_tasks import TOGETHER

#: So many are decided in one step: a page's worth, and some.
MOST_TOGETHER = 200


class Together(PageMixin, TemplateView):
    """批量审定: what would be posted, with totals; then one job decides each by itself."""

    action = "reports.read"
    template_name = "compounds/reports/review_together.html"
    http_method_names = ["get", "post"]

    def get(self, request, *args, **kwargs):
        return redirect("review:queue")

    def post(self, request):
        if request.POST.get("step") == "confirm":
            return self.confirmed(request.POST.getlist("seen"))
        found = review_clean.looked_at(_keys(request.POST.getlist("report")), by=request.user)
        if not found.rows:
            messages.error(request, _("Choose reports that wait for you."))
            return redirect("review:queue")
        by_street = all(row.report.office == Office.SUBDISTRICT for row in found.clean)  # type: ignore[attr-defined]  # annotated
        return self.render_to_response(self.get_context_data(found=found, by_street=by_street))

    def confirmed(self, seen: list[str]):
        """``seen``: key and revision of each, as the page showed them."""
        wanted = [one.split(":") for one in seen[:MOST_TOGETHER] if one.count(":") == 1]
        wanted = [[key, revision] for key, revision in wanted if _keys([key]) and revision.isdigit()]
        if not wanted:
            return redirect("review:queue")
        user = self.request.user
        scope = office_of(user, "reports.approve") or office_of(user, "reports.verify")
        try:
            job = enqueue(
                kind=TOGETHER, by=user, key=f"{TOGETHER}:{user.pk}", scope_code=scope,
                parameters={"reports": [[key, int(revision)] for key, revision in wanted]},
            )  # fmt: skip
        except Busy as busy:
            messages.info(self.request, str(busy))
            job = busy.job
        return redirect("review:decided", job.pk)


def _keys(given: list[str]):
    """Those that can be keys of reports."""
    return [key for key in given[:MOST_TOGETHER] if len(key) == 36 and set(key) <= set("0123456789abcdef-")]


class Decided(PageMixin, TemplateView):
    """What became of each report of a step taken together."""

    action = "reports.read"
    template_name = "compounds/reports/review_decided.html"

    @cached_property
    def job(self):
        jobs = Job.objects.visible_to(self.request.user).filter(kind=TOGETHER)
        return get_object_or_404(jobs, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        mark_seen(jobs=[self.job], by=self.request.user)
        nobody = self.job.is_open and not is_anybody_working()
        return super().get_context_data(
            job=self.job, outcomes=(self.job.result or {}).get("outcomes", []), nobody=nobody, **kwargs
        )


class Ageing(PageMixin, TemplateView):
    """积压情况: what waits at each office for how long, and who decided how quickly of late."""

    action = "reports.read"
    template_name = "compounds/reports/review_ageing.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            offices=review_selectors.ageing(user), reviewers=review_selectors.reviewers(user),
            lately=review_selectors.LATELY, **kwargs,
        )  # fmt: skip


class Rules(PageMixin, TemplateView):
    """审核规则: how many days each office has, and whose reports need no word of the street."""

    action = "reports.rules"
    template_name = "compounds/reports/review_rules.html"

    def get_context_data(self, **kwargs):
        user, place = self.request.user, office_of(self.request.user, self.action)
        # What holds above one's own division holds there, too.
        around = {"division__in": [place[:4], place[:6]]} if place else {}
        days = ReviewDays.objects.select_related("division", "set_by")
        skips = SkippedLevel.objects.select_related("division", "set_by")
        if place:
            days = days.visible_to(user) | days.filter(**around)
            skips = skips.visible_to(user) | skips.filter(**around)
        return super().get_context_data(
            days=days.order_by("division", "office"), skips=skips.order_by("division", "reporter"),
            **{"days_form": DaysForm(user=user), "skip_form": SkipForm(user=user)} | kwargs,
        )  # fmt: skip

    def post(self, request):
        if request.POST.get("about") == "skip":
            skip = SkipForm(request.POST, user=request.user)
            if not skip.is_valid():
                return self.render_to_response(self.get_context_data(skip_form=skip), status=400)
            data = skip.cleaned_data
            services.skip_level(
                division=data["division"], reporter=Reporter(data["reporter"]), skipped=data["skipped"],
                by=request.user,
            )  # fmt: skip
        else:
            form = DaysForm(request.POST, user=request.user)
            if not form.is_valid():
                return self.render_to_response(self.get_context_data(days_form=form), status=400)
            data = form.cleaned_data
            review.set_days(
                division=data["division"], office=Office(data["office"]), days=data["days"], by=request.user
            )
        messages.success(request, _("Saved."))
        return redirect("review:rules")


class SamplePage(PageMixin, TemplateView):
    """抽查: five in a hundred of what was approved in a period, by a seed that draws the same again."""

    action = "reports.sample"
    template_name = "compounds/reports/review_sample.html"

    @cached_property
    def sample(self):
        form = self.asked
        if form is None:
            return None
        if not form.is_valid():
            raise bad_form(form)
        data = form.cleaned_data
        return review_sample.draw(
            self.request.user, since=data["since"], until=data["until"], seed=data["seed"]
        )  # fmt: skip

    @cached_property
    def asked(self):
        return SampleForm(self.request.GET) if self.request.GET.get("since") else None

    def get(self, request, *args, **kwargs):
        if self.asked and not request.GET.get("seed"):
            # The seed stands in the address, so that whoever has it draws the same.
            seed = "".join(secrets.choice("0123456789") for _digit in range(review_sample.SEED_DIGITS))
            query = {name: request.GET.get(name, "") for name in ("since", "until")} | {"seed": seed}
            return redirect(reverse(request.resolver_match.view_name, query=query))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        form = self.asked or SampleForm(initial=SampleForm.usual())
        return super().get_context_data(form=form, sample=self.sample, **kwargs)


class SampleFile(SamplePage):
    """The sample as a workbook."""

    def get(self, request, *args, **kwargs):
        if self.asked is None or not request.GET.get("seed"):
            return redirect("review:sample")
        sample = self.sample
        assert sample is not None  # noqa: S101 — asked for
        title = _("%(drawn)s of %(approved)s approved reports, %(since)s to %(until)s, seed %(seed)s") % {
            "drawn": len(sample.reports), "approved": sample.approved, "since": sample.since, "until": sample.until,
            "seed": sample.seed,
        }  # fmt: skip
        table = Table(_("Sample"), review_sample.fields(), review_sample.rows(sample), title=title)
        name = f"{_('Sample')}-{sample.since}-{sample.until}.xlsx"
        return send_xlsx(name, lambda file: write_xlsx(file, [table]))
