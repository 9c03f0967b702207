from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.admin import MatrixAdmin
from communities.divisions import services
from communities.divisions.models import Division


class DivisionForm(forms.ModelForm):
    def clean(self):
        data = super().clean()
        if not self.errors:
            division = Division.objects.get(pk=self.instance.pk)
            division.name, division.short_name = services.tidy(data["name"]), services.tidy(data["short_name"])
            services.check(division)
        return data


@admin.register(Division)
class DivisionAdmin(MatrixAdmin, admin.ModelAdmin):
    """Slips in names may be corrected; codes are paths that the ledger is keyed by and never change (DESIGN.md).

    Divisions begin, end and get new names by a change of divisions, which records what follows from it.
    """

    view_action = "settings.enter"
    change_action = "divisions.edit"
    form = DivisionForm
    list_display = ["code", "name", "short_name", "level", "parent", "state"]
    list_filter = ["level", ("ended_on", admin.EmptyFieldListFilter)]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]
    readonly_fields = ["code", "level", "parent", "began_on", "ended_on", "state"]
    fields = ["code", "name", "short_name", "level", "parent", "began_on", "ended_on", "state"]

    @admin.display(description=_("State"))
    def state(self, division):
        if division.never_was:
            return _("withdrawn: its change of divisions was undone")
        if division.ended_on:
            return _("ended on %(date)s") % {"date": division.ended_on.isoformat()}
        return _("in being")

    def has_add_permission(self, request):
        return False
