from functools import partial

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.ledger.choices import Category, Mode
from oversight.programme import editing
from oversight.programme.breakdown import TargetRefused
from oversight.programme.models import Baseline, Clause, CountingRule, Programme, Target, TargetVersion
from oversight.programme.services import BaselineRefused, lock_baseline


class ManyChoices(forms.MultipleChoiceField):
    """A list of codes, ticked in a list of their names."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial, data):
        return set(initial or []) != set(data or [])


class ProgrammeForm(forms.ModelForm):
    def clean(self):
        data = super().clean()
        names = ("name", "starts_on", "baseline_on")
        if self.instance.pk and not any(name in self.errors for name in names):
            dates = editing.Dates(*(data[name] for name in names))
            stored = Programme.objects.filter(pk=self.instance.pk).first()
            if stored:
                _show(self, partial(editing.check_programme, programme=stored, dates=dates))
        return data


def _show(form: forms.ModelForm, check) -> None:
    """What a check of the services finds, at the form's fields."""
    try:
        check()
    except TargetRefused as refused:
        for problem in refused.problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)


@admin.register(Programme)
class ProgrammeAdmin(MatrixAdmin, admin.ModelAdmin):
    """The city's programme; its baseline is locked by an action, once."""

    view_action = "settings.enter"
    add_action = change_action = "programme.edit"
    form = ProgrammeForm
    list_display = ["code", "name", "city", "starts_on", "baseline_on", "locked_height"]
    autocomplete_fields = ["city"]
    actions = ["lock"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    def has_lock_permission(self, request):
        return bool(request.user.may("programme.lock"))

    @admin.display(description=gettext_lazy("Locked baseline"))
    def locked_height(self, programme):
        return programme.baseline.height if hasattr(programme, "baseline") else "—"

    @admin.action(description=gettext_lazy("Lock the baseline at the newest version"), permissions=["lock"])
    def lock(self, request, programmes):
        for programme in programmes:
            try:
                baseline = lock_baseline(programme=programme, by=request.user)
            except BaselineRefused as refused:
                self.message_user(request, str(refused), messages.ERROR)
            else:
                message = _("The baseline of %(programme)s is locked at version %(height)s.")
                self.message_user(request, message % {"programme": programme, "height": baseline.height})


@admin.register(Baseline)
class BaselineAdmin(MatrixAdmin, admin.ModelAdmin):
    """Made by the action on the programme; shown here."""

    view_action = "settings.enter"
    list_display = ["programme", "height", "locked_at", "locked_by"]


@admin.register(Clause)
class ClauseAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = "programme.edit"
    list_display = ["code", "text"]
    search_fields = ["code", "text"]


class TargetVersionInline(MatrixAdmin, admin.TabularInline):
    """A new target's first version; further ones are added on the target's page, and none is ever overwritten."""

    view_action = "settings.enter"
    add_action = "programme.edit"
    model = TargetVersion
    extra = 0
    min_num = max_num = 1

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and (obj is None or not obj.versions.exists())


class TargetForm(forms.ModelForm):
    categories = ManyChoices(label=gettext_lazy("Categories"), choices=Category.choices, required=False)

    def clean(self):
        data = super().clean()
        if not self.errors and self.instance.pk and (stored := Target.objects.filter(pk=self.instance.pk).first()):
            about = editing.About(
                data["name"], data["clause"].pk, data["unit"], tuple(each.code for each in data["divisions"]),
                tuple(data["categories"]), data["builds_on"].pk if data["builds_on"] else "", data["position"],
            )  # fmt: skip
            _show(self, partial(editing.check_target, target=stored, about=about))
        return data


@admin.register(Target)
class TargetAdmin(MatrixAdmin, admin.ModelAdmin):
    """What is asked, of whom; how much and until when stands in its versions, so that older ones can still be shown."""

    view_action = "settings.enter"
    add_action = change_action = "programme.edit"
    form = TargetForm
    list_display = ["code", "name", "clause", "unit", "position"]
    list_select_related = ["clause"]
    autocomplete_fields = ["divisions", "clause"]
    inlines = [TargetVersionInline]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


class CountingRuleForm(forms.ModelForm):
    modes = ManyChoices(
        label=gettext_lazy("Modes that count"),
        choices=[(mode.value, mode.label) for mode in Mode if mode != Mode.NONE],
    )


@admin.register(CountingRule)
class CountingRuleAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = delete_action = "programme.edit"
    form = CountingRuleForm
    list_display = ["code", "name", "valid_from"]
