"""``ledger/entries/``: entries of the ledger."""

from typing import Any

from django.http import Http404
from django.urls import re_path

from chaoyang_pm.kit.api.formats import JSON
from chaoyang_pm.kit.api.views import Endpoint, ObjectEndpoint
from compounds.approvals.api import HandingIn
from compounds.ledger.models import Entry
from compounds.ledger.rows import RELATED, entry_row


class Entries(HandingIn, Endpoint):
    """Entries of the ledger."""

    action = "ledger.read"
    http_method_names = ["post", "options"]


class EntryDetail(ObjectEndpoint):
    """One entry by its height."""

    action = "ledger.read"
    formats = (JSON,)

    def data(self) -> dict[str, Any]:
        height = int(self.kwargs["height"])
        known = Entry.objects.visible_to(self.request.user).select_related(*RELATED)
        entry = known.filter(height=height).first() if height < 2**63 else None
        if entry is None:
            raise Http404
        return entry_row(entry)


urlpatterns = [
    re_path(r"^ledger/entries/?$", Entries.as_view(), name="entries"),
    re_path(r"^ledger/entries/(?P<height>[0-9]{1,19})/?$", EntryDetail.as_view(), name="entry"),
]
