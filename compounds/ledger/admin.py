from django.contrib import admin

from compounds.ledger.models import Entry, Posting


class ReadOnly:
    """Rows of the ledger are seen here and written by its services only; the database refuses anything else."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class PostingInline(ReadOnly, admin.TabularInline):
    model = Posting
    fk_name = "entry"
    extra = 0
    fields = ["effective_on", "compound", "community", "category", "mode", "area_dm2", "households"]


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["height", "kind", "effective_on", "compound", "area_dm2", "recorded_at", "recorded_by"]
    list_filter = ["kind", "source"]
    search_fields = ["compound__code", "compound__name", "basis_no"]
    list_select_related = ["compound", "recorded_by"]
    ordering = ["-height"]
    show_full_result_count = False
    inlines = [PostingInline]


@admin.register(Posting)
class PostingAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["entry", "effective_on", "compound", "community", "category", "mode", "area_dm2", "households"]
    list_filter = ["category", "mode"]
    search_fields = ["compound__code", "compound__name"]
    list_select_related = ["entry", "compound", "community"]
    ordering = ["-entry", "pk"]
    show_full_result_count = False
