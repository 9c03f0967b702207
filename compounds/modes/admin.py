from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.ledger.choices import Mode
from compounds.modes.fact_models import TenderRule, VoteRule
from compounds.modes.models import EvidenceRule, Procedure, ProcedureKind, ProcedureStep


class KindForm(forms.ModelForm):
    modes = forms.MultipleChoiceField(
        label=_("Leads to the modes"), widget=forms.CheckboxSelectMultiple,
        choices=[(mode.value, mode.label) for mode in Mode if mode != Mode.NONE],
    )  # fmt: skip


class StepInline(MatrixAdmin, admin.TabularInline):
    """Steps are added and changed; one that is no longer asked for is retired, so that its records keep their name."""

    view_action = "settings.enter"
    add_action = change_action = "modes.define"
    model = ProcedureStep
    extra = 0


@admin.register(ProcedureKind)
class ProcedureKindAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = "modes.define"
    form = KindForm
    list_display = ["code", "name", "facts", "position"]
    inlines = [StepInline]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(VoteRule)
class VoteRuleAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = "modes.define"
    list_display = ["matter", "valid_from", "valid_until", "base", "numerator", "denominator", "legal_basis"]
    list_filter = ["matter"]


@admin.register(TenderRule)
class TenderRuleAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = "modes.define"
    list_display = ["check_of", "valid_from", "valid_until", "value", "divisor", "legal_basis"]
    list_filter = ["check_of"]


@admin.register(EvidenceRule)
class EvidenceRuleAdmin(MatrixAdmin, admin.ModelAdmin):
    """Entered on the page of the settings; shown here."""

    view_action = "settings.enter"
    list_display = ["valid_from", "is_asked", "document", "recorded_by"]


@admin.register(Procedure)
class ProcedureAdmin(MatrixAdmin, admin.ModelAdmin):
    """Goes on by its pages only; shown here."""

    view_action = "settings.enter"
    list_display = ["compound", "kind", "mode", "state", "step", "since"]
    list_select_related = ["compound", "kind", "step"]
    list_filter = ["state", "kind"]
    search_fields = ["compound__name", "compound__code"]
