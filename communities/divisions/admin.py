from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.admin import MatrixAdmin
from communities.divisions.models import Division


@admin.register(Division)
class DivisionAdmin(MatrixAdmin, admin.ModelAdmin):
    """Slips in names may be corrected; codes are paths that the ledger is keyed by and never change (DESIGN.md).

    Divisions begin, end and get new names by a change of divisions, which records what follows from it.
    """

    view_action = "settings.enter"
    change_action = "divisions.edit"
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
