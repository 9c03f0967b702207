from django.urls import path

from communities.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.Notices.as_view(), name="list"),
    path("notices/read/", views.ReadAll.as_view(), name="read_all"),
    path("notices/<int:pk>/", views.Open.as_view(), name="open"),
    path("notices/<int:pk>/read/", views.Read.as_view(), name="read"),
    path("accounts/me/notices/", views.Choices.as_view(), name="choices"),
    path("settings/notices/", views.ScheduleView.as_view(), name="schedule"),
]
