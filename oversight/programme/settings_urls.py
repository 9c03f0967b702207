"""设置: a room of its own in the menu."""

from django.urls import path

from oversight.programme import programme_views, settings_views

app_name = "settings"
urlpatterns = [
    path("", settings_views.Settings.as_view(), name="home"),
    path("history/", settings_views.History.as_view(), name="history"),
    path("rules/", settings_views.Rules.as_view(), name="rules"),
    path("programme/", programme_views.ProgrammePage.as_view(), name="programme"),
    path("programme/edit/", programme_views.EditProgramme.as_view(), name="edit_programme"),
    path("programme/lock/", programme_views.Lock.as_view(), name="lock"),
    path("targets/new/", programme_views.NewTarget.as_view(), name="new_target"),
    path("targets/<str:target>/edit/", programme_views.EditTarget.as_view(), name="edit_target"),
]
