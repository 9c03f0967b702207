from django.urls import path

from compounds.pilots import views

app_name = "pilots"
urlpatterns = [
    path("pilots/", views.Pilots.as_view(), name="list"),
    path("pilots/<int:pk>/", views.Detail.as_view(), name="detail"),
    path("pilots/<int:pk>/tell/", views.Tell.as_view(), name="tell"),
    path("pilots/<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("compounds/<str:code>/pilot/", views.Choose.as_view(), name="choose"),
]
