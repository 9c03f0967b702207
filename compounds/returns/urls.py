from django.urls import path, re_path

from compounds.returns import rule_views, views

app_name = "returns"
urlpatterns = [
    path("returns/", views.Returns.as_view(), name="list"),
    path("returns/rules/", rule_views.Rules.as_view(), name="rules"),
    path("returns/<int:pk>/", views.Detail.as_view(), name="detail"),
    path("returns/<int:pk>/scans/<int:scan>/", views.Scan.as_view(), name="scan"),
    re_path(
        r"^returns/(?P<pk>\d+)/(?P<step>submit|prepare|seal|accept|reopen|return|extend)/$", views.Act.as_view(),
        name="act",
    ),
]  # fmt: skip
