from django.urls import path

from compounds.register import views

app_name = "register"
urlpatterns = [
    path("compounds/", views.Register.as_view(), name="list"),
    path("register/new/", views.New.as_view(), name="new"),
    path("compounds/<str:code>/", views.Detail.as_view(), name="detail"),
    path("compounds/<str:code>/edit/", views.Edit.as_view(), name="edit"),
    path("compounds/<str:code>/community/", views.MovePending.as_view(), name="move"),
    path("compounds/<str:code>/retire/", views.Retire.as_view(), name="retire"),
]
