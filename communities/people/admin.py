from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice

from chaoyang_pm.kit.admin import MatrixAdmin
from communities.people.models import Appointment, Department, User

# Rights go by role and scope, never by groups. The keys of second factors are nobody's business; the history of rights
# has a page of its own.
admin.site.unregister([Group, TOTPDevice, LogEntry])


class AppointmentInline(MatrixAdmin, admin.TabularInline):
    model = Appointment
    fk_name = "user"
    extra = 0
    view_action = "people.read"
    fields = ["role", "division", "department", "since", "until", "made_by"]


@admin.register(User)
class UserAdmin(MatrixAdmin, admin.ModelAdmin):
    """Accounts and appointments to look at; they are made and changed on the pages of the people room."""

    view_action = "people.read"
    list_display = ["username", "display_name", "is_active", "must_change_password", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "display_name"]
    fields = ["username", "display_name", "is_active", "must_change_password", "last_login", "date_joined"]
    inlines = [AppointmentInline]


@admin.register(Department)
class DepartmentAdmin(MatrixAdmin, admin.ModelAdmin):
    view_action = "settings.enter"
    add_action = change_action = "settings.edit"
    list_display = ["name", "code", "clause"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []
