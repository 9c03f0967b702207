from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.jobs import services
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.sweeping import is_anybody_working
from chaoyang_pm.kit.pages import ListPage, PageMixin
from chaoyang_pm.kit.problems import bad


class JobList(ListPage):
    """后台任务: one's own, or all that one may see, by state."""

    action = "jobs.read"
    template_name = "kit/jobs/list.html"
    context_object_name = "jobs"

    def get_queryset(self):
        jobs = Job.objects.visible_to(self.request.user).select_related("created_by").defer("result")
        state = self.request.GET.get("state", "")
        if state and state not in JobState.values:
            raise bad("state", state, _("There is no such state; choose one of the list."))
        jobs = jobs.filter(state=state) if state else jobs
        return jobs if self.request.GET.get("whose") == "all" else jobs.filter(created_by=self.request.user.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            states=JobState.choices, state=self.request.GET.get("state", ""), whose=self.request.GET.get("whose", ""),
            **kwargs,
        )  # fmt: skip


class JobMixin(PageMixin):
    action = "jobs.read"

    @cached_property
    def job(self) -> Job:
        visible = Job.objects.visible_to(self.request.user).select_related("created_by")
        return get_object_or_404(visible, pk=self.kwargs["pk"])

    def subject(self):
        """Somebody else's job is a matter of scope; one's own is one's own."""
        return None if self.job.created_by_id == self.request.user.pk else self.job

    def back(self) -> HttpResponse:
        """To the page that the job belongs to."""
        return redirect(self.job.page or reverse("jobs:job", args=[self.job.pk]))


class JobDetail(JobMixin, TemplateView):
    """One job: how far it is, or what came of it."""

    template_name = "kit/jobs/job.html"

    def get_context_data(self, **kwargs):
        services.mark_seen(jobs=[self.job], by=self.request.user)
        return super().get_context_data(job=self.job, nobody=self.job.is_open and not is_anybody_working(), **kwargs)


class JobProgress(JobMixin, TemplateView):
    """The part of a page that follows a job. Once the job has ended the page is to be loaded anew."""

    template_name = "kit/jobs/_progress.html"

    def render_to_response(self, context, **kwargs):
        if not self.job.is_open:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().render_to_response(context, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(job=self.job, nobody=not is_anybody_working(), **kwargs)


class Cancel(JobMixin):
    action = "jobs.cancel"

    def post(self, request, pk):
        if not services.cancel(job=self.job, by=request.user):
            messages.info(request, _("“%(job)s” had ended already.") % {"job": self.job.label})
        return self.back()


class Again(JobMixin):
    """Once more what failed or was cancelled."""

    action = "jobs.cancel"

    def post(self, request, pk):
        try:
            services.start_again(job=self.job, by=request.user)
        except (services.JobRefused, services.Busy) as refused:
            messages.error(request, str(refused))
        return self.back()
