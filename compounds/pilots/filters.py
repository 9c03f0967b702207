import django_filters as filters
from django.utils.translation import gettext_lazy as _

from compounds.ledger.choices import Mode
from compounds.pilots.choices import Result
from compounds.pilots.models import Pilot
from compounds.register.filters import DivisionFilter, FilterForm, offered


class PilotFilter(filters.FilterSet):
    """The filters of the pilots: of the page and of the API."""

    division = DivisionFilter(label=_("Division"), queryset=offered, empty_label=_("All"), method="in_division")
    mode = filters.ChoiceFilter(
        label=_("Mode tried"), empty_label=_("All"), choices=[one for one in Mode.choices if one[0] != Mode.NONE]
    )
    result = filters.ChoiceFilter(label=_("Result"), empty_label=_("All"), choices=Result.choices)

    class Meta:
        model = Pilot
        form = FilterForm
        fields: list[str] = []

    def in_division(self, rows, name, division):
        return rows.within(division.code)
