from django import forms
from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.imports import words
from compounds.imports.models import ImportRun, Synonym


class SynonymForm(forms.ModelForm):
    def clean(self):
        data = super().clean()
        if not self.errors:
            words.check(**{name: data[name] for name in ("field", "word", "meaning")}, but=self.instance)
        return data


@admin.register(Synonym)
class SynonymAdmin(MatrixAdmin, admin.ModelAdmin):
    """Deleted here is withdrawn, as on the page of the words."""

    view_action = "settings.enter"
    add_action = change_action = delete_action = "settings.edit"
    form = SynonymForm
    list_display = ["word", "field", "meaning", "withdrawn_at"]
    list_filter = ["field", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["word"]

    def delete_model(self, request, obj):
        words.withdraw(synonym=obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            words.withdraw(synonym=row, by=request.user)


@admin.register(ImportRun)
class ImportRunAdmin(MatrixAdmin, admin.ModelAdmin):
    """What was imported: to read, never to change."""

    view_action = "settings.enter"
    list_display = ["created_at", "filename", "workbook", "state", "created_by"]
    list_filter = ["workbook", "state"]
    search_fields = ["filename", "sha256"]
