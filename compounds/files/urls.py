from django.urls import path

from compounds.files import views

app_name = "files"
urlpatterns = [
    path("compounds/<str:code>/files/", views.CompoundFiles.as_view(), name="compound"),
    path("files/<int:pk>/", views.Detail.as_view(), name="detail"),
    path("files/<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("files/<int:pk>/shown/", views.Shown.as_view(), name="shown"),
    path("files/<int:pk>/preview/", views.Preview.as_view(), name="preview"),
    path("files/<int:pk>/original/", views.Original.as_view(), name="original"),
]
