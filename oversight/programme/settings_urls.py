"""设置: a room of its own in the menu."""

from django.urls import path

from oversight.programme import settings_views as views

app_name = "settings"
urlpatterns = [
    path("", views.Settings.as_view(), name="home"),
    path("rules/", views.Rules.as_view(), name="rules"),
]
