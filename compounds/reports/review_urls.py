from django.urls import path

from compounds.reports import form_views, review_bulk_views, review_views

app_name = "review"
urlpatterns = [
    path("review/", review_views.Queue.as_view(), name="queue"),
    path("review/together/", review_bulk_views.Together.as_view(), name="together"),
    path("review/together/<uuid:pk>/", review_bulk_views.Decided.as_view(), name="decided"),
    path("review/ageing/", review_bulk_views.Ageing.as_view(), name="ageing"),
    path("review/rules/", review_bulk_views.Rules.as_view(), name="rules"),
    path("review/sample/", review_bulk_views.SamplePage.as_view(), name="sample"),
    path("review/sample/file/", review_bulk_views.SampleFile.as_view(), name="sample_file"),
    path("review/<uuid:pk>/", review_views.Opened.as_view(), name="report"),
    path("review/<uuid:pk>/files/<int:file>/", form_views.Shown.as_view(), name="file"),
    path("review/<uuid:pk>/files/<int:file>/preview/", form_views.Preview.as_view(), name="preview"),
]
