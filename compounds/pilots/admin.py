from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.pilots.models import Pilot


@admin.register(Pilot)
class PilotAdmin(MatrixAdmin, admin.ModelAdmin):
    """Kept on its pages; shown here."""

    view_action = "settings.enter"
    list_display = ["community", "compound", "mode", "started_on", "result", "withdrawn_at"]
    list_select_related = ["community", "compound"]
    list_filter = ["result", "mode"]
    search_fields = ["compound__name", "compound__code", "community__name"]
