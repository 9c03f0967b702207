from django.urls import path, re_path

from oversight.tables import views

app_name = "tables"
urlpatterns = [
    path("divisions/<str:code>/tables/<str:table>/", views.TablePage.as_view(), name="table"),
    re_path(
        r"^divisions/(?P<code>[^/]+)/tables/(?P<table>[^/]+)\.(?P<format>csv|xlsx)$", views.TableFile.as_view(),
        name="file",
    ),
]  # fmt: skip
