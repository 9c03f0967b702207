"""方案表 in the browser: its rows, cells as they are typed, what the checks say; and whole workbooks."""

import json
from typing import Any

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from chaoyang_pm.kit.once.services import Done, OtherRequest, digest_of, once
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.sending import send_bytes
from chaoyang_pm.kit.uploads import UploadRefused
from compounds.ledger.choices import Category
from compounds.ledger.refusals import Refused
from oversight.plans import checks, columns, selectors, services, sheet
from oversight.plans.acts import Settled, Stale
from oversight.plans.choices import PlanState
from oversight.plans.comparing import headings
from oversight.plans.forms import WorkbookForm
from oversight.plans.handing_in import findings, hand_in, with_remarks
from oversight.plans.models import MODES, PlanLine
from oversight.plans.views import CountyMixin, VersionMixin


class Sheet(VersionMixin, TemplateView):
    """The draft as a sheet; a version that is no draft any more is read on its page."""

    action = "plans.write"
    template_name = "oversight/plans/sheet.html"

    def get(self, request, *args, **kwargs):
        if self.version.state != PlanState.DRAFT:
            return redirect("plans:version", self.version.pk)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            columns=_columns(self.version.programme), words=_words(),
            addresses={
                name: reverse(f"plans:{name}", args=[self.version.pk]) for name in ("rows", "cells", "drop", "checks")
            },
            **kwargs,
        )  # fmt: skip


def _columns(programme) -> list[dict[str, Any]]:
    """What the grid shows: key, heading, width in pixels, and the words to choose from."""
    words = {
        "category": [str(label) for label in Category.labels], "mode": [str(label) for _mode, label in MODES],
        "planned_for": [columns.when(day, True) for day in selectors.quarters(programme)],
        "is_pilot": [_("Yes"), _("No")],
    }  # fmt: skip
    width = {"name": 150, "code": 150, "mode": 130, "category": 150, "note": 160, "community": 110}
    labels = headings()
    return [
        {"key": key, "label": labels[key], "width": width.get(key, 95), "words": words.get(key, []),
         "number": key in ("area", "households")}
        for key in sheet.KEYS
    ]  # fmt: skip


def _words() -> dict[str, str]:
    """What the sheet says."""
    return {
        "number": _("Line"), "there": _("Unmanaged by the ledger (㎡)"), "none": _("No lines yet"),
        "typing": _("Not kept yet …"), "saving": _("Keeping …"), "saved": _("Everything is kept."),
        "lines": _("%s lines; everything is kept."), "failed": _("This did not work; open the page again."),
        "offline": _("No connection: what you typed is kept here and sent as soon as there is one."),
        "refused": _("A marked cell cannot be read; what it held before stays until you put it right."),
        "overtaken": _("Somebody else has changed line %s meanwhile; it shows what stands there now."),
        "line": _("Line %s:"), "fine": _("Nothing is wrong; the plan can be submitted."),
        "more": _("%s more"), "drop": _("Take %s lines out of the plan?"),
    }  # fmt: skip


class SheetData(VersionMixin):
    """What the sheet asks for while it is worked on, as JSON; what is refused is said in words."""

    action = "plans.write"

    def answer(self, **data: Any) -> JsonResponse:
        return JsonResponse(data, json_dumps_params={"ensure_ascii": False})

    def refuse(self, status: int, message: str) -> JsonResponse:
        return JsonResponse({"message": message}, status=status)

    @cached_property
    def sent(self) -> dict[str, Any]:
        try:
            sent = json.loads(self.request.body)
        except ValueError:
            return {}
        return sent if isinstance(sent, dict) else {}

    @staticmethod
    def row(line: PlanLine) -> dict[str, Any]:
        return {"line": line.number} | sheet.shown(line)

    def said(self, found: checks.Checks) -> dict[str, list[list[Any]]]:
        return {
            kind: [[one.line, one.column, one.message] for one in some]
            for kind, some in sheet.findings(found).items()
        }  # fmt: skip


class Rows(SheetData):
    """All rows, with what is unmanaged by the ledger beside each."""

    def get(self, request, pk):
        there = selectors.unmanaged(self.version.county_id)
        lines = list(selectors.lines_to_show(self.version))
        rows = []
        for line in lines:
            held = there.get(line.compound.code) if line.compound else None
            rows.append(self.row(line) | {"there": sheet.area_text(held.area_dm2) if held else ""})
        return self.answer(
            revision=self.version.revision, rows=rows, checks=self.said(checks.check(self.version, there, lines))
        )


class Checked(SheetData):
    """What the checks say of the whole plan."""

    def get(self, request, pk):
        found = checks.check(self.version)
        return self.answer(revision=self.version.revision, checks=self.said(found))


class SaveCells(SheetData):
    """Cells as they were typed; answers with the lines as they stand, also those that others wrote since."""

    def post(self, request, pk):
        since = self.sent.get("since")
        cells = _cells(self.sent.get("cells"))
        if cells is None or not isinstance(since, int):
            return self.refuse(400, _("This cannot be read; open the sheet anew."))

        def act() -> Done:
            saved = sheet.write(version=self.version, cells=cells, by=request.user)
            return Done(200, self.saved(saved, since))

        try:
            # A new line that is sent again, because its answer was lost, is the line that was made.
            if any(cell.line is None for cell in cells):
                key = f"plan:{pk}:{str(self.sent.get('key'))[:40]}"
                done = once(by=request.user, key=key, digest=digest_of(self.sent), act=act)
            else:
                done = act()
        except (Settled, Refused) as refused:
            return self.refuse(409, str(refused))
        except OtherRequest:
            return self.refuse(400, _("This cannot be read; open the sheet anew."))
        return self.answer(**done.body)

    def saved(self, saved: sheet.Saved, since: int) -> dict[str, Any]:
        own = {line.number for line in [*saved.lines, *saved.overtaken]}
        others = selectors.lines_to_show(self.version).filter(revision__gt=since)
        rows = [*saved.lines, *saved.overtaken, *others.exclude(number__in=own)]
        return {
            "revision": saved.version.revision, "numbers": saved.numbers, "rows": [self.row(line) for line in rows],
            "refused": saved.refused, "overtaken": [line.number for line in saved.overtaken],
            "checks": self.said(saved.checks), "judged": saved.judged, "lines": self.version.lines.count(),
        }  # fmt: skip


def _cells(sent: Any) -> list[sheet.Cells] | None:
    """The cells of a request; None if they are not what the sheet sends."""
    if not isinstance(sent, list) or not 0 < len(sent) <= sheet.AT_ONCE:
        return None
    found = []
    for one in sent:
        if not isinstance(one, dict):
            return None
        line, values, seen = one.get("line"), one.get("values"), one.get("seen")
        if not isinstance(values, dict) or not isinstance(seen, dict) or not (line is None or isinstance(line, int)):
            return None
        texts = [*values.items(), *seen.items()]
        if any(key not in sheet.KEYS or not isinstance(text, str) for key, text in texts):
            return None
        found.append(sheet.Cells(line, values, seen))
    return found


class DropLines(SheetData):
    """Takes lines out of the draft."""

    def post(self, request, pk):
        lines, revision = self.sent.get("lines"), self.sent.get("since")
        if not isinstance(lines, list) or not isinstance(revision, int) or any(type(one) is not int for one in lines):
            return self.refuse(400, _("This cannot be read; open the sheet anew."))
        try:
            version = services.drop_lines(version=self.version, numbers=lines, by=request.user, revision=revision)
        except (Settled, Stale) as refused:
            return self.refuse(409, str(refused))
        return self.answer(revision=version.revision)


# --- whole workbooks -------------------------------------------------------------------------------------
class Upload(CountyMixin, FormView):
    """The county's workbook, in place of the draft's lines; what is wrong stands on the next page, cell by cell."""

    action = "plans.write"
    template_name = "oversight/plans/upload.html"
    form_class = WorkbookForm

    @cached_property
    def newest(self):
        return selectors.newest(self.programme, self.county)

    def get_form_kwargs(self):
        amends = bool(self.newest and self.newest.state == PlanState.APPROVED)
        return super().get_form_kwargs() | {"amends": amends}

    def get_context_data(self, **kwargs):
        draft = self.newest if self.newest and self.newest.state == PlanState.DRAFT else None
        return super().get_context_data(
            county=self.county, draft=draft, lines=draft.lines.count() if draft else 0, **kwargs
        )

    def form_valid(self, form):
        file = form.cleaned_data["file"]
        try:
            done = hand_in(
                programme=self.programme, county=self.county, content=file.read(), filename=file.name,
                by=self.request.user, reason=form.cleaned_data.get("reason", ""),
            )  # fmt: skip
        except SheetError as unreadable:
            form.add_error("file", str(unreadable))
        except (Refused, Settled) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(self.request, _("The workbook's rows are the draft's lines now."))
            return redirect("plans:uploaded", done.version.pk, done.kept.pk)
        return self.form_invalid(form)


class Uploaded(VersionMixin, TemplateView):
    """检查结果 of a workbook: every finding, the copy with remarks, and the ways on."""

    template_name = "oversight/plans/uploaded.html"
    #: Findings that the page shows of each kind; the copy has all.
    shown = ":100"

    @cached_property
    def kept(self):
        return get_object_or_404(self.version.workbooks.select_related("version__county"), pk=self.kwargs["workbook"])

    def get_context_data(self, **kwargs):
        said = findings(self.kept)
        errors, warnings = ([one for one in said if one.severity == kind] for kind in ("error", "warning"))
        return super().get_context_data(
            kept=self.kept, errors=errors, warnings=warnings, most=self.shown, lines=self.version.lines.count(),
            **kwargs,
        )  # fmt: skip


class Remarked(VersionMixin):
    """The county's own workbook with what is wrong at its cells."""

    def get(self, request, pk, workbook):
        kept = get_object_or_404(self.version.workbooks.select_related("version__county"), pk=workbook)
        try:
            content = with_remarks(kept)
        except (SheetError, UploadRefused) as refused:
            messages.error(request, str(refused))
            return redirect("plans:version", pk)
        return send_bytes(f"{kept.filename.rsplit('.', 1)[0]}{_('-checked')}.xlsx", content)
