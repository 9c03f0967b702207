from django.contrib import admin

from communities.divisions.models import Division


@admin.register(Division)
class DivisionAdmin(admin.ModelAdmin):
    """Names may be corrected; codes are paths that the ledger is keyed by and never change (DESIGN.md)."""

    list_display = ["code", "name", "short_name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]
    fields = ["code", "name", "short_name", "level", "parent"]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "level", "parent"] if obj else []

    def has_delete_permission(self, request, obj=None):
        return False

    autocomplete_fields = ["parent"]
