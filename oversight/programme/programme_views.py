"""方案 by clicks: its dates, its baseline, and what its targets are about. First what it does, then the rows."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from chaoyang_pm.kit.edits import NOTHING
from chaoyang_pm.kit.labels import field_label
from chaoyang_pm.kit.once.pages import MakesOnce
from oversight.coverage.question import resolve
from oversight.programme import changes, differences, editing, preview
from oversight.programme.breakdown import TargetRefused
from oversight.programme.editing_forms import AboutForm, EditForm, NewTargetForm, ProgrammeForm
from oversight.programme.models import Programme, Target
from oversight.programme.services import BaselineRefused, check_lock, lock_baseline
from oversight.programme.views import OfProgramme

SHOWN = 10


class ProgrammePage(OfProgramme, TemplateView):
    """The programme as it stands: dates, baseline, targets, clauses in their own words, and what changed last."""

    action = "settings.enter"
    template_name = "oversight/programme/programme.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            targets=self.programme.targets.select_related("clause").prefetch_related("divisions"),
            clauses=self.programme.clauses.all(), lines=changes.read(changes.found("programme")[:SHOWN]), **kwargs,
        )  # fmt: skip


class Edit(OfProgramme, TemplateView):
    """Entered, previewed, confirmed; whoever comes second sees what changed."""

    action = "programme.edit"
    done = ""
    #: Whether the coverage at the baseline can be another one afterwards.
    moves_the_start = False

    def get(self, request, *args, **kwargs):
        return self.page(form=self.form())

    def post(self, request, *args, **kwargs):
        form, step = self.form(request.POST), request.POST.get("step")
        if not form.is_valid() or step == "edit":
            return self.page(form=form)
        try:
            if step == "confirm":
                changed = self.carry_out(form)
                messages.success(request, self.done if changed else _("Nothing was changed."))
                return redirect(self.address(form))
            found = preview.rehearse(partial(self.carry_out, form), start=self.moves_the_start)
            return self.page(form=form, preview=found, differences=self.differences(form))
        except TargetRefused as refused:
            form.show(refused)
        except editing.Meanwhile as meanwhile:
            form.catch_up(self.facts())
            form.add_error(None, str(meanwhile))
        return self.page(form=form)

    def form(self, data=None) -> EditForm:
        raise NotImplementedError

    def carry_out(self, form):
        """What the confirmed form does; whether anything differs."""
        raise NotImplementedError

    def differences(self, form) -> list[differences.Row]:
        """Label, before and after of what the form changes."""
        return []

    def facts(self) -> editing.Dates | editing.About:
        """What there is in the database now."""
        raise NotImplementedError

    def address(self, form) -> str:
        return reverse("settings:programme")

    def page(self, **context):
        return self.render_to_response(self.get_context_data(**context))


class EditProgramme(Edit):
    """Name and dates."""

    template_name = "oversight/programme/edit_programme.html"
    moves_the_start = True

    @property
    def done(self) -> str:
        return _("The programme is edited.")

    def facts(self):
        return editing.dates_of(Programme.objects.get(pk=self.programme.pk))

    def form(self, data=None):
        now = editing.dates_of(self.programme)
        return ProgrammeForm(data, initial={**vars(now), "seen": editing.fingerprint(now)})

    def carry_out(self, form):
        return editing.edit_programme(
            programme=self.programme, dates=form.dates(), by=self.request.user, seen=form.cleaned_data["seen"]
        )


class NewTarget(MakesOnce, Edit):
    """A target that the programme lacks, with its first version."""

    template_name = "oversight/programme/new_target.html"

    @property
    def done(self) -> str:
        return _("The target is entered.")

    def form(self, data=None):
        first = {"valid_from": self.programme.starts_on, "position": self.programme.targets.count()}
        return NewTargetForm(data, programme=self.programme, initial=first)

    def carry_out(self, form):
        return editing.add_target(
            programme=self.programme, code=form.cleaned_data["code"], about=form.about(), asked=form.asked(),
            paper=form.paper(), by=self.request.user,
        )  # fmt: skip

    def differences(self, form):
        about = form.about()
        code = (field_label(Target, "code"), NOTHING, form.cleaned_data["code"])
        first = differences.of_first_version(form.asked(), form.paper(), about.unit)
        return [code, *differences.of_about(None, about), *first]

    def address(self, form):
        return reverse("programme:target", args=[form.cleaned_data["code"]])


class EditTarget(Edit):
    """What a target is about; how much and by when is adjusted by a further version."""

    template_name = "oversight/programme/edit_target.html"

    @property
    def done(self) -> str:
        return _("The target is edited.")

    @cached_property
    def target(self) -> Target:
        found = self.programme.targets.select_related("clause").prefetch_related("divisions")
        return get_object_or_404(found, pk=self.kwargs["target"])

    def facts(self):
        return editing.about_of(Target.objects.get(pk=self.target.pk))

    def form(self, data=None):
        return AboutForm(
            data, programme=self.programme, target=self.target, initial=AboutForm.initial_of(self.target)
        )  # fmt: skip

    def carry_out(self, form):
        return editing.edit_target(
            target=self.target, about=form.about(), by=self.request.user, seen=form.cleaned_data["seen"]
        )

    def differences(self, form):
        return differences.of_about(editing.about_of(self.target), form.about())

    def address(self, form):
        return reverse("programme:target", args=[self.target.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(target=self.target, **kwargs)


class Lock(OfProgramme, TemplateView):
    """基数锁定: what is fixed by it is shown first; it is done once and not taken back."""

    action = "programme.lock"
    template_name = "oversight/programme/lock.html"

    def get(self, request, *args, **kwargs):
        return self.page()

    def post(self, request, *args, **kwargs):
        seen = request.POST.get("height", "")
        height = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
        try:
            baseline = lock_baseline(programme=self.programme, by=request.user, height=height)
        except BaselineRefused as refused:
            return self.page(refused=[str(refused)])
        message = _("The baseline of %(programme)s is locked at version %(height)s.")
        messages.success(request, message % {"programme": self.programme, "height": baseline.height})
        return redirect("settings:programme")

    def page(self, refused: list[str] | None = None):
        question, shown = resolve(), None
        newest = question.version
        try:
            check_lock(programme=self.programme, newest=newest.height)
            shown = preview.of_lock(self.programme, question)
        except BaselineRefused as impossible:
            refused = [str(impossible)]
        return self.render_to_response(self.get_context_data(newest=newest, preview=shown, refused=refused))
