from django.urls import path, re_path

from oversight.cockpit import views as cockpit
from oversight.coverage import views

app_name = "coverage"
urlpatterns = [
    path("", views.City.as_view(), name="city"),
    path("divisions/<str:code>/", views.DivisionFigures.as_view(), name="division"),
    path("divisions/<str:code>/movements/", views.MovementsPage.as_view(), name="movements"),
    path("divisions/<str:code>/series/", views.SeriesPage.as_view(), name="series"),
    re_path(
        r"^divisions/(?P<code>[^/]+)/series\.(?P<format>csv|xlsx)$", views.SeriesFile.as_view(), name="series_file"
    ),
    path("divisions/<str:code>/missing/", cockpit.GapsPage.as_view(), name="gaps"),
    re_path(
        r"^divisions/(?P<code>[^/]+)/charts/(?P<chart>[a-z0-9-]+)\.(?P<format>csv|xlsx)$",
        cockpit.ChartFile.as_view(),
        name="chart_file",
    ),
    path("divisions/<str:code>/rules/", views.RulesPage.as_view(), name="rules"),
    path("divisions/<str:code>/restatement/", views.RestatementPage.as_view(), name="restatement"),
    re_path(r"^divisions/(?P<code>[^/]+)/export\.(?P<format>csv|xlsx)$", views.Export.as_view(), name="export"),
]
