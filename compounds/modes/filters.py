import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _

from compounds.ledger.choices import Mode
from compounds.modes import selectors
from compounds.modes.choices import ProcedureState
from compounds.modes.models import Procedure, ProcedureKind, ProcedureStep
from compounds.register.filters import DivisionFilter, FilterForm, offered


class StepField(forms.ModelChoiceField):
    def label_from_instance(self, step: ProcedureStep) -> str:
        return f"{step.kind_id} {step.name}"


class StepFilter(filters.ModelChoiceFilter):
    field_class = StepField


class DaysFilter(filters.Filter):
    field_class = forms.IntegerField


class ProcedureFilter(filters.FilterSet):
    """The filters of the procedures: of the page and of the API."""

    division = DivisionFilter(label=_("Division"), queryset=offered, empty_label=_("All"), method="in_division")
    kind = filters.ModelChoiceFilter(label=_("Procedure"), queryset=ProcedureKind.objects.all(), empty_label=_("All"))
    step = StepFilter(
        label=_("Present step"), queryset=ProcedureStep.objects.select_related("kind").all(), empty_label=_("All")
    )
    mode = filters.ChoiceFilter(
        label=_("Intended mode"), empty_label=_("All"), choices=[one for one in Mode.choices if one[0] != Mode.NONE]
    )
    state = filters.ChoiceFilter(label=_("State"), empty_label=_("All"), choices=ProcedureState.choices)
    days = DaysFilter(label=_("At one step for more than (days)"), method="stuck_for", min_value=0, max_value=36500)

    class Meta:
        model = Procedure
        form = FilterForm
        fields: list[str] = []

    def in_division(self, rows, name, division):
        return rows.within(division.code)

    def stuck_for(self, rows, name, days):
        return rows.filter(selectors.longer_than(days))
