from functools import partial

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.services import Busy
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.sheets.sending import send_csv, send_file, send_xlsx
from chaoyang_pm.kit.sheets.writing import Table, write_xlsx
from communities.people.permissions import reach
from compounds.exports import blanks, seen, selectors, services
from compounds.exports.columns import REGISTER_SHEET
from compounds.exports.forms import DivisionForm
from compounds.imports.choices import Workbook
from compounds.register.list_views import ListMixin


def kept_nowhere(response: HttpResponseBase) -> HttpResponseBase:
    """No cache keeps it: it holds names and telephones."""
    response["Cache-Control"] = "private, no-store"
    return response


class Start(PageMixin, FormView):
    """导出: register and changes of a division, and the templates."""

    action = "exports.ledger"
    template_name = "compounds/exports/start.html"
    form_class = DivisionForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "action": self.action}

    def form_valid(self, form):
        """At once where it is quick, else by a job: nobody waits before a blank page."""
        user, division = self.request.user, form.cleaned_data["division"]
        if services.is_quick(division):
            phones = reach(user, "exports.phones")
            write = partial(services.write_whole, division=division, phones=phones)
            return kept_nowhere(send_xlsx(services.file_name(division), write))
        try:
            job = services.in_background(division=division, by=user)
        except Busy as busy:
            job = busy.job
            messages.info(self.request, str(busy))
        return redirect(job)

    def get_context_data(self, **kwargs):
        user = self.request.user
        fill_in = DivisionForm(user=user, action="imports.read", auto_id="fill_in_%s")
        return super().get_context_data(phones=user.may("exports.phones"), fill_in=fill_in, **kwargs)


class Kept(PageMixin):
    """The file that a job wrote, for whoever asked for it."""

    action = "exports.ledger"

    def get(self, request, pk):
        job = get_object_or_404(Job, pk=pk, kind=services.JOB, created_by=request.user, state=JobState.DONE)
        file = services.open_kept(job)
        if file is None:
            messages.info(request, _("The file is not kept any longer; export again."))
            return redirect("exports:start")
        return kept_nowhere(send_file(job.result["name"], file))


class Seen(ListMixin):
    """The list of compounds with its filters, columns, order, date and version, as xlsx or csv."""

    action = "exports.register"

    def get(self, request, *args, **kwargs):
        if kwargs["format"] not in ("xlsx", "csv"):
            raise Http404
        rows = seen.rows(self.roll, self.columns, phones=reach(request.user, "exports.phones"))
        fields = seen.fields(self.columns)
        name = _("Compounds") + f"-{self.moment['as_of'].isoformat()}"
        if kwargs["format"] == "csv":
            return kept_nowhere(send_csv(f"{name}.csv", fields, rows, notice=portal.notice()))
        sheet = Table(REGISTER_SHEET, fields, rows, portal.notice())
        return kept_nowhere(send_xlsx(f"{name}.xlsx", lambda file: write_xlsx(file, [sheet])))


class Template(PageMixin):
    """An empty workbook with lists to choose from; of changes also with the compounds of a division filled in."""

    @property
    def action(self) -> str:
        return "reports.import" if self.kwargs["workbook"] == Workbook.REPORTS else "imports.read"

    def get(self, request, workbook):
        if workbook not in Workbook.values:
            raise Http404
        kind, rows, place = Workbook(workbook), (), ""
        if "division" in request.GET:
            form = DivisionForm(request.GET, user=request.user, action=self.action)
            if kind == Workbook.REGISTER or not form.is_valid():
                raise Http404
            division = form.cleaned_data["division"]
            rows, place = selectors.to_fill_in(division.code), f"-{division.name}"
        write = partial(blanks.write, workbook=kind, scope=reach(request.user, self.action), rows=rows)
        return kept_nowhere(send_xlsx(f"{blanks.title(kind)}{place}.xlsx", write))
