from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.imports.models import ImportRun, Synonym


@admin.register(Synonym)
class SynonymAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = delete_action = "settings.edit"
    list_display = ["word", "field", "meaning"]
    list_filter = ["field"]
    search_fields = ["word"]


@admin.register(ImportRun)
class ImportRunAdmin(MatrixAdmin, admin.ModelAdmin):
    """What was imported: to read, never to change."""

    view_action = "settings.enter"
    list_display = ["created_at", "filename", "workbook", "state", "created_by"]
    list_filter = ["workbook", "state"]
    search_fields = ["filename", "sha256"]
