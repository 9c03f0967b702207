from django.urls import path, re_path

from compounds.approvals import views

app_name = "approvals"
urlpatterns = [
    path("approvals/", views.Proposals.as_view(), name="list"),
    path("approvals/second-person/", views.SecondPersons.as_view(), name="second_persons"),
    path("approvals/<uuid:pk>/", views.Detail.as_view(), name="detail"),
    path("approvals/<uuid:pk>/scans/<int:scan>/", views.Scan.as_view(), name="scan"),
    re_path(
        r"^approvals/(?P<pk>[0-9a-f-]{36})/(?P<decision>review|approve|return|withdraw)/$",
        views.Decide.as_view(), name="decide",
    ),
]  # fmt: skip
