from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from communities.divisions.models import Division


@admin.register(Division)
class DivisionAdmin(MatrixAdmin, admin.ModelAdmin):
    """Names may be corrected; codes are paths that the ledger is keyed by and never change (DESIGN.md)."""

    view_action = "settings.enter"
    add_action = change_action = "divisions.edit"
    list_display = ["code", "name", "short_name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]
    fields = ["code", "name", "short_name", "level", "parent"]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "level", "parent"] if obj else []

    autocomplete_fields = ["parent"]
