import tempfile
from collections.abc import Iterator

from django.contrib import messages
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import FormView

from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.services import Busy
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.sheets.writing import Table, csv_lines, write_xlsx
from communities.people.permissions import reach
from compounds.exports import blanks, seen, selectors, services
from compounds.exports.forms import DivisionForm
from compounds.imports.choices import Workbook
from compounds.register.views import Register

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(file, name: str) -> FileResponse:
    """A workbook as a download that no cache keeps: it holds names and telephones."""
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=portal.file_name(name), content_type=XLSX)
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
            file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
            services.write_whole(file, division=division, phones=reach(user, "exports.phones"))
            return download(file, services.file_name(division))
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
        return download(file, job.result["name"])


class Seen(Register):
    """The list of compounds with its filters, date and version, as xlsx or csv."""

    action = "exports.register"

    def get(self, request, *args, **kwargs):
        if kwargs["format"] not in ("xlsx", "csv"):
            raise Http404
        rows = seen.rows(
            self.get_queryset(), phones=reach(request.user, "exports.phones"), **self.within, **self.moment
        )
        name = _("Compounds") + f"-{self.moment['as_of'].isoformat()}"
        if kwargs["format"] == "xlsx":
            file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
            write_xlsx(file, [Table("台账", seen.FIELDS, rows, portal.notice())])
            return download(file, f"{name}.xlsx")
        response = StreamingHttpResponse(self._lines(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, portal.file_name(f"{name}.csv"))
        response["Cache-Control"] = "private, no-store"
        return response

    def _lines(self, rows) -> Iterator[str]:
        yield "\ufeff"  # Excel takes it for UTF-8
        if notice := portal.notice():
            yield f"{notice}\r\n"
        yield from csv_lines(seen.FIELDS, rows)


class Template(PageMixin):
    """An empty workbook with lists to choose from; of changes also with the compounds of a division filled in."""

    action = "imports.read"

    def get(self, request, workbook):
        if workbook not in Workbook.values:
            raise Http404
        kind, rows, place = Workbook(workbook), (), ""
        if "division" in request.GET:
            form = DivisionForm(request.GET, user=request.user, action=self.action)
            if kind != Workbook.ENTRIES or not form.is_valid():
                raise Http404
            division = form.cleaned_data["division"]
            rows, place = selectors.to_fill_in(division.code), f"-{division.name}"
        file = tempfile.TemporaryFile()  # noqa: SIM115 — the response closes it
        blanks.write(file, kind, scope=reach(request.user, self.action), rows=rows)
        return download(file, f"{blanks.SHEETS[kind]}模板{place}.xlsx")
