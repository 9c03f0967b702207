"""Seen here, written by the room's services only."""

from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.files.models import Attachment, OriginalAccess


@admin.register(Attachment)
class AttachmentAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    list_display = [
        "title",
        "compound",
        "entry",
        "kind",
        "format",
        "size",
        "uploaded_at",
        "uploaded_by",
        "withdrawn_at",
    ]
    list_filter = ["kind", "format"]
    search_fields = ["title", "original_name", "sha256", "compound__code", "compound__name"]
    list_select_related = ["compound", "entry", "uploaded_by"]
    ordering = ["-pk"]
    show_full_result_count = False


@admin.register(OriginalAccess)
class OriginalAccessAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    list_display = ["at", "user", "attachment"]
    list_select_related = ["user", "attachment"]
    search_fields = ["user__username", "attachment__title"]
    show_full_result_count = False
