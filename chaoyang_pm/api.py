"""The URL map of the API: one include per room that has an ``api.py``."""

from django.urls import include, path

from chaoyang_pm.kit.api import docs

app_name = "api"
rooms = [
    path("", include("communities.divisions.api")),
    path("", include("compounds.register.api")),
    path("", include("compounds.ledger.api")),
    path("", include("compounds.approvals.api")),
    path("", include("compounds.returns.api")),
    path("", include("compounds.modes.api")),
    path("", include("compounds.pilots.api")),
    path("", include("compounds.reports.api")),
    path("", include("oversight.plans.api")),
    path("", include("oversight.plans.actual_api")),
    path("", include("oversight.coverage.api")),
    path("", include("oversight.coverage.target_api")),
    path("", include("oversight.tables.api")),
]
urlpatterns = [
    path("v1/", include(rooms)),
    path("", include(docs)),
]
