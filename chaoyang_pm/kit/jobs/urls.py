from django.urls import path

from chaoyang_pm.kit.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.JobList.as_view(), name="list"),
    path("<uuid:pk>/", views.JobDetail.as_view(), name="job"),
    path("<uuid:pk>/progress/", views.JobProgress.as_view(), name="progress"),
    path("<uuid:pk>/cancel/", views.Cancel.as_view(), name="cancel"),
    path("<uuid:pk>/again/", views.Again.as_view(), name="again"),
]
