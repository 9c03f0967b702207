from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.jobs import selectors as jobs
from chaoyang_pm.kit.jobs.services import Busy, mark_seen
from chaoyang_pm.kit.jobs.sweeping import is_anybody_working
from chaoyang_pm.kit.once.pages import MakesOnce
from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.sheets.sending import XLSX
from chaoyang_pm.kit.uploads.refusals import StorageFull
from compounds.approvals.choices import Verb
from compounds.approvals.services import submit_run
from compounds.exports.forms import DivisionForm
from compounds.imports import runs, undo
from compounds.imports.choices import LANDED, UNPOSTED, RunState, Workbook, right
from compounds.imports.defaults import registration_date
from compounds.imports.forms import ColumnsForm, FileForm, UndoForm, UploadForm, WordsForm
from compounds.imports.mappings import forget
from compounds.imports.models import ColumnMapping, ImportRun
from compounds.imports.vocabulary import HEADERS
from compounds.ledger.refusals import Refused
from compounds.reports.selectors import of_run

SHOWN = 200
#: What is wrong with an upload, and the status that says so.
REFUSED = {"too_large": 413, "unsupported": 415, "full": 507}


class Upload(MakesOnce, PageMixin, FormView):
    """A page to which a workbook is sent; it is checked, and nothing else is done yet."""

    def form_valid(self, form):
        try:
            run = runs.upload(by=self.request.user, **self.workbook(form))
        except StorageFull as full:
            form.add_error("file", ValidationError(str(full), code="full"))
            return self.form_invalid(form)
        return redirect("imports:run", run.pk)

    def workbook(self, form) -> dict[str, Any]:
        """What was sent, as ``runs.upload`` takes it."""
        return form.cleaned_data

    def form_invalid(self, form):
        codes = {error.code for error in form.errors.as_data().get("file", [])}
        status = next((REFUSED[code] for code in REFUSED if code in codes), 400)
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def recent(self):
        """What was sent lately."""
        return ImportRun.objects.visible_to(self.request.user).select_related("created_by")


class Start(Upload):
    """导入: choose a workbook; below, what was imported lately."""

    template_name = "compounds/imports/start.html"
    form_class = UploadForm

    @property
    def action(self) -> str:
        return "imports.upload" if self.request.method == "POST" else "imports.read"

    def get_initial(self):
        workbook = self.request.GET.get("workbook")
        return {
            "workbook": workbook if workbook in Workbook.values else Workbook.REGISTER,
            "default_date": registration_date(),
        }

    def get_context_data(self, **kwargs):
        recent = self.recent().exclude(workbook=Workbook.REPORTS)[:20]
        return super().get_context_data(recent=recent, **kwargs)


class Reports(Upload):
    """批量代报: the template, a workbook of reports for many compounds, and what was sent lately."""

    action = "reports.import"
    template_name = "compounds/imports/reports.html"
    form_class = FileForm

    def workbook(self, form):
        return form.cleaned_data | {"workbook": Workbook.REPORTS, "default_date": None}

    def get_context_data(self, **kwargs):
        recent = self.recent().filter(workbook=Workbook.REPORTS).annotate(number=Count("reports"))[:20]
        fill_in = DivisionForm(user=self.request.user, action=self.action, auto_id="fill_in_%s")
        return super().get_context_data(recent=recent, fill_in=fill_in, **kwargs)


class RunMixin(PageMixin):
    #: What is done with the import, in the words of ``choices.right``.
    verb = "read"

    @property
    def action(self) -> str:
        return right(self.run.workbook, self.verb)

    @cached_property
    def run(self) -> ImportRun:
        visible = ImportRun.objects.visible_to(self.request.user)
        return get_object_or_404(visible.select_related("created_by", "undone_by"), pk=self.kwargs["pk"])

    def subject(self):
        return self.run

    def get_context_data(self, **kwargs):
        start = "imports:reports" if self.run.is_of_reports else "imports:start"
        return super().get_context_data(run=self.run, start=reverse(start), **kwargs)

    def waits(self, proposal):
        messages.info(self.request, _("Entered. It is recorded once everybody who must agree has agreed."))
        return redirect("approvals:detail", proposal.pk)


class Run(RunMixin, TemplateView):
    """检查结果: what the file would do, what is wrong with it, and how to go on."""

    def get_template_names(self):
        return [f"compounds/imports/{'waiting' if self.run.state == RunState.WAITING else 'run'}.html"]

    def get_context_data(self, **kwargs):
        job = jobs.latest(runs.key_of(self.run))
        if job:
            mark_seen(jobs=[job], by=self.request.user)
        if self.run.state == RunState.WAITING:
            return super().get_context_data(job=job, nobody=not is_anybody_working(), **kwargs)
        result, undone = self.run.result, self.run.undo_result
        staying = [*undone.get("staying", []), *undone.get("facts_kept", [])]
        if job and job.is_open:
            kwargs["nobody"] = not is_anybody_working()
        return super().get_context_data(
            job=job, result=result, posted=self.run.state in LANDED, reports=of_run(self.run, user=self.request.user),
            undone=undone if self.run.state == RunState.UNDONE else None, staying=staying[:SHOWN], all_staying=staying,
            errors=result["errors"][:SHOWN], warnings=result["warnings"][:SHOWN],
            adds_unmanaged=result["adds_total"] - result["adds_managed"], **self._sheets(),
            words=WordsForm(words=result["unknown_words"]) if result["unknown_words"] else None, **kwargs,
        )  # fmt: skip

    def _sheets(self):
        """How the file's sheets were understood, and what can be done about it."""
        result = self.run.result
        sheets = [
            layout | {
                "read": sum(bool(column["key"]) for column in layout["columns"]),
                "guessed": sum(column["how"] == "guessed" for column in layout["columns"]),
            }
            for layout in result.get("sheets", [])
        ]  # fmt: skip
        step = 5 if self.run.state in LANDED else 4 if result["unknown_words"] else 3 if result["readable"] else 2
        return {
            "sheets": sheets, "several": len(sheets) > 1, "step": step,
            "maps": any(sheet["columns"] and not sheet["other"] for sheet in sheets),
            "other_workbook": other.label if (other := runs.other_of(self.run)) else "",
        }  # fmt: skip


class Post(RunMixin):
    """入账: all rows, or those without errors; reports are handed in all together."""

    verb = "upload"

    def post(self, request, pk):
        skip = request.POST.get("rows") == "good"
        if self.run.result.get("warnings") and not request.POST.get("confirmed"):
            messages.error(request, _("Tick that the questions have been looked at, then post."))
            return redirect("imports:run", pk)
        try:
            proposal = submit_run(
                verb=Verb.IMPORT, by=request.user, run=self.run, skip_bad_rows=skip,
                start=lambda: runs.post(run=self.run, skip_bad_rows=skip, by=request.user),
            )  # fmt: skip
            if proposal:
                return self.waits(proposal)
        except (runs.RunRefused, Busy) as refused:
            messages.error(request, str(refused))
        return redirect("imports:run", pk)


class Words(RunMixin):
    """What unknown words mean, as confirmed; the file is checked again with them.

    They hold for the whole portal: whoever only reports asks those who import.
    """

    action = "imports.upload"

    def post(self, request, pk):
        form = WordsForm(request.POST, words=self.run.result.get("unknown_words", []))
        if form.is_valid() and self.run.state == RunState.CHECKED:
            try:
                runs.learn(run=self.run, meanings=form.meanings(), by=request.user)
            except Busy as busy:
                messages.error(request, str(busy))
        return redirect("imports:run", pk)


class Columns(RunMixin, FormView):
    """列对应: which column is which, guessed, corrected, remembered; then the file is checked again."""

    template_name = "compounds/imports/columns.html"
    form_class = ColumnsForm

    @property
    def verb(self) -> str:  # type: ignore[override]  # looking is reading
        return "upload" if self.request.method == "POST" else "read"

    def get_form_kwargs(self):
        layouts = self.run.result.get("sheets", [])
        return super().get_form_kwargs() | {"workbook": self.run.workbook, "layouts": layouts}

    def form_valid(self, form):
        try:
            runs.assign(run=self.run, columns=form.chosen(), by=self.request.user)
        except (runs.RunRefused, Busy) as refused:
            messages.error(self.request, str(refused))
        return redirect("imports:run", self.run.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        left_out = [layout for layout in self.run.result.get("sheets", []) if layout["reason"]]
        hidden = self.run.result.get("hidden", [])
        groups, open_ = context["form"].groups(), self.run.state in UNPOSTED
        return context | {"groups": groups, "left_out": left_out, "hidden": hidden, "open": open_}


class Switch(RunMixin):
    """The file as the other workbook."""

    verb = "upload"

    def post(self, request, pk):
        try:
            runs.switch(run=self.run, by=request.user)
        except (runs.RunRefused, Busy) as refused:
            messages.error(request, str(refused))
        return redirect("imports:run", pk)


class Mappings(PageMixin, TemplateView):
    """Remembered columns: of which shapes, since when, and the way to forget one."""

    action = "imports.read"
    template_name = "compounds/imports/mappings.html"

    def get_context_data(self, **kwargs):
        mappings = ColumnMapping.objects.visible_to(self.request.user)
        found = mappings.select_related("updated_by", "division").prefetch_related("columns")
        labels = {kind: {c.key: c.label for c in columns} for kind, (_field, columns) in HEADERS.items()}
        rows = [
            (mapping, [(c.text, labels[Workbook(mapping.workbook)].get(c.key)) for c in mapping.columns.all()])
            for mapping in found
        ]
        return super().get_context_data(rows=rows, **kwargs)


class Forget(PageMixin):
    """Forget one of them."""

    @property
    def action(self) -> str:
        return right(self.mapping.workbook, "upload")

    @cached_property
    def mapping(self) -> ColumnMapping:
        return get_object_or_404(ColumnMapping.objects.visible_to(self.request.user), pk=self.kwargs["pk"])

    def subject(self):
        return self.mapping

    def post(self, request, pk):
        forget(mapping=self.mapping, by=request.user)
        messages.success(request, _("Forgotten: workbooks of that shape are read by the names of their columns again."))
        run = self._run()
        if run is None:
            return redirect("imports:mappings")
        with suppress(Busy):
            runs.check(run=run, by=request.user)
        return redirect("imports:run", run.pk)

    def _run(self) -> ImportRun | None:
        """The import from whose page this was asked: it is checked again."""
        with suppress(ValidationError):
            visible = ImportRun.objects.visible_to(self.request.user)
            return visible.filter(pk=self.request.POST.get("run") or None, state__in=UNPOSTED).first()
        return None


class Annotated(RunMixin):
    """The user's own workbook with the findings in its cells."""

    def get(self, request, pk):
        try:
            content = runs.annotated(self.run)
        except StorageFull as full:
            messages.error(request, str(full))
            return redirect("imports:run", pk)
        if content is None:
            raise Http404
        name = self.run.filename.rsplit(".", 1)[0] + _("-checked") + ".xlsx"
        headers = {"Content-Disposition": content_disposition_header(True, name)}
        return HttpResponse(content, content_type=XLSX, headers=headers)


class Undo(RunMixin, FormView):
    """撤销本次导入: what would be undone and what stays, then the reason, then the undo as a whole or not at all."""

    verb = "undo"
    template_name = "compounds/imports/undo.html"
    form_class = UndoForm

    def form_valid(self, form):
        try:
            undo.check(self.run)
            by, reason = self.request.user, form.cleaned_data["reason"]
            proposal = submit_run(
                verb=Verb.UNDO_IMPORT, by=by, run=self.run, reason=reason,
                start=lambda: undo.in_background(run=self.run, by=by, reason=reason),
            )  # fmt: skip
            if proposal:
                return self.waits(proposal)
        except (Refused, Busy) as refused:
            messages.error(self.request, str(refused))
        return redirect("imports:run", self.run.pk)

    def get_context_data(self, **kwargs):
        try:
            planned = undo.preview(self.run)
        except Refused as refused:
            return super().get_context_data(refused=refused, **kwargs)
        what = planned.as_dict()
        lists = {
            "problems": planned.problems, "staying": [*what["staying"], *what["facts_kept"]],
            "retired": planned.restoring.retired, "back": planned.restoring.back(),
        }  # fmt: skip
        shown = {name: rows[:SHOWN] for name, rows in lists.items()}
        more = {f"all_{name}": rows for name, rows in lists.items()}
        return super().get_context_data(planned=planned, **shown, **more, **kwargs)
