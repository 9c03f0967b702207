"""``/api/schema/``: the API's description for programs. ``/api/docs/``: the same to read and to try, offline."""

import hashlib

import orjson
from django.urls import path, re_path
from django.views.generic import TemplateView

from chaoyang_pm.kit.api import schema
from chaoyang_pm.kit.api.formats import JSON
from chaoyang_pm.kit.api.views import ObjectEndpoint
from chaoyang_pm.kit.pages import PageMixin


class Description(ObjectEndpoint):
    """This description."""

    action = "divisions.list"
    formats = (JSON,)
    schema = None

    def depends_on(self):
        return [hashlib.sha256(schema.document()).hexdigest()]

    def data(self):
        return orjson.Fragment(schema.document())


class Docs(PageMixin, TemplateView):
    """Swagger UI from this server: it loads nothing from elsewhere and needs nothing that the policy forbids."""

    action = "divisions.list"
    template_name = "kit/api/docs.html"


urlpatterns = [
    re_path(r"^schema/?$", Description.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
]
