from django.urls import path

from compounds.exports import views

app_name = "exports"
urlpatterns = [
    path("exports/", views.Start.as_view(), name="start"),
    path("exports/compounds.<str:format>", views.Seen.as_view(), name="seen"),
    path("exports/templates/<str:workbook>.xlsx", views.Template.as_view(), name="template"),
    path("exports/<uuid:pk>/", views.Kept.as_view(), name="kept"),
]
