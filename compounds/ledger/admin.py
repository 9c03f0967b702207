"""Rows of the ledger are seen here and written by its services only; the database refuses anything else."""

from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.ledger.models import Entry, Posting


class PostingInline(MatrixAdmin, admin.TabularInline):
    view_action = "settings.enter"
    model = Posting
    fk_name = "entry"
    extra = 0
    fields = ["effective_on", "compound", "community", "category", "mode", "area_dm2", "households"]


@admin.register(Entry)
class EntryAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    list_display = ["height", "kind", "effective_on", "compound", "area_dm2", "recorded_at", "recorded_by"]
    list_filter = ["kind", "source"]
    search_fields = ["compound__code", "compound__name", "basis_no"]
    list_select_related = ["compound", "recorded_by"]
    ordering = ["-height"]
    show_full_result_count = False
    inlines = [PostingInline]


@admin.register(Posting)
class PostingAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    list_display = ["entry", "effective_on", "compound", "community", "category", "mode", "area_dm2", "households"]
    list_filter = ["category", "mode"]
    search_fields = ["compound__code", "compound__name"]
    list_select_related = ["entry", "compound", "community"]
    ordering = ["-entry", "pk"]
    show_full_result_count = False
