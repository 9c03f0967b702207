from django.contrib import admin

from chaoyang_pm.kit.admin import MatrixAdmin
from communities.notices.models import Message, Notice


@admin.register(Notice)
class NoticeAdmin(MatrixAdmin, admin.ModelAdmin):
    """What people were told, to look at."""

    view_action = "people.logs"
    list_display = ["created_at", "user", "kind", "key", "read_at"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["key", "user__username"]


@admin.register(Message)
class MessageAdmin(MatrixAdmin, admin.ModelAdmin):
    """What left the portal, or did not yet; without addresses and texts."""

    view_action = "people.logs"
    list_display = ["created_at", "user", "channel", "state", "attempts", "next_at", "sent_at", "problem"]
    list_filter = ["state", "channel"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
