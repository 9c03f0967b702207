from django.contrib import admin

from compounds.imports.models import ImportRun, Synonym


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    list_display = ["word", "field", "meaning"]
    list_filter = ["field"]
    search_fields = ["word"]


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):
    """What was imported: to read, never to change."""

    list_display = ["created_at", "filename", "workbook", "state", "created_by"]
    list_filter = ["workbook", "state"]
    search_fields = ["filename", "sha256"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
