from django.urls import path

from compounds.imports import views

app_name = "imports"
urlpatterns = [
    path("imports/", views.Start.as_view(), name="start"),
    path("reports/workbook/", views.Reports.as_view(), name="reports"),
    path("imports/<uuid:pk>/", views.Run.as_view(), name="run"),
    path("imports/<uuid:pk>/post/", views.Post.as_view(), name="post"),
    path("imports/<uuid:pk>/undo/", views.Undo.as_view(), name="undo"),
    path("imports/mappings/", views.Mappings.as_view(), name="mappings"),
    path("imports/mappings/<int:pk>/forget/", views.Forget.as_view(), name="forget"),
    path("imports/<uuid:pk>/columns/", views.Columns.as_view(), name="columns"),
    path("imports/<uuid:pk>/switch/", views.Switch.as_view(), name="switch"),
    path("imports/<uuid:pk>/words/", views.Words.as_view(), name="words"),
    path("imports/<uuid:pk>/annotated.xlsx", views.Annotated.as_view(), name="annotated"),
]
