from django.urls import path

from oversight.shell.desk import Desk

app_name = "desk"
urlpatterns = [path("desk/", Desk.as_view(), name="home")]
