from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.register.models import Compound
from compounds.register.services import FACTS, update_facts


@admin.register(Compound)
class CompoundAdmin(MatrixAdmin, admin.ModelAdmin):
    """Descriptive facts of compounds; code, community, state and area follow the ledger."""

    view_action = "settings.enter"
    change_action = "register.edit"
    list_display = ["code", "name", "community", "status", "has_area"]
    list_filter = ["status", "has_area", "kind"]
    search_fields = ["code", "name", "former_names", "initials"]
    list_select_related = ["community"]
    readonly_fields = ["code", "community", "status", "merged_into", "has_area"]
    fields = [*readonly_fields, *FACTS]

    def save_model(self, request, obj, form, change):
        """Through the service, which keeps the normal forms of the name beside it."""
        update_facts(
            compound=obj, changes={name: form.cleaned_data[name] for name in form.changed_data}, by=request.user
        )
