"""Accounts from a workbook. The file is not kept: it is read, answered, and gone."""

import base64
import tempfile
from pathlib import Path

from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from chaoyang_pm.kit.pages import PageMixin
from chaoyang_pm.kit.sheets.sending import XLSX
from communities.people import sheets, workbook
from communities.people.account_views import Slips
from communities.people.columns import RESULTS, TEMPLATE
from communities.people.forms import WorkbookForm

#: Findings shown on the page; the annotated workbook holds all of them.
SHOWN = 200


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.xlsx")}
    return HttpResponse(content, content_type=XLSX, headers=headers)


@method_decorator(never_cache, name="dispatch")
class Workbook(Slips, PageMixin, FormView):
    """Upload; the answer is the list of errors, or every account with its initial password, once."""

    action = "people.manage"
    template_name = "communities/people/workbook.html"
    form_class = WorkbookForm

    def form_valid(self, form):
        file, as_file = form.cleaned_data["file"], form.cleaned_data["answer"] == "xlsx"
        plan = workbook.read(file.read(), file.name, by=self.request.user)
        if plan.errors:
            copy = self._annotated(plan)
            if as_file and copy:
                return _file(copy, Path(file.name).stem[:100] + _("-checked"))
            return self._checked(form, plan, copy)
        if "check" in self.request.POST:
            return self._checked(form, plan, b"")
        try:
            slips = workbook.make(plan, by=self.request.user)
        except workbook.Refused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        return self.shown(slips)

    def answer(self, slips, **context):
        if self.request.POST.get("answer") == "xlsx":
            return _file(sheets.results(slips), RESULTS)
        return super().answer(slips, **context)

    def _annotated(self, plan: workbook.Plan) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "checked.xlsx"
            return out.read_bytes() if plan.annotate(out) else b""

    def _checked(self, form, plan: workbook.Plan, copy: bytes) -> HttpResponse:
        """The findings; the annotated copy travels within the page, so that nothing of it stays on the server."""
        return self.render_to_response(self.get_context_data(
            form=form, plan=plan, errors=plan.errors[:SHOWN], warnings=plan.warnings[:SHOWN], proposed=plan.accounts,
            copy=base64.b64encode(copy).decode(), copy_name=Path(plan.filename).stem[:100] + _("-checked") + ".xlsx",
        ))  # fmt: skip


class Template(PageMixin):
    """The empty workbook, with lists to choose from."""

    action = "people.manage"

    def get(self, request):
        return _file(sheets.template(request.user), TEMPLATE)
