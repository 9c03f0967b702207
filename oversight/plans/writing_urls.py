"""Pages that help to write a plan."""

from django.urls import path

from oversight.plans import deadline_views, proposal_views

app_name = "plan_writing"
urlpatterns = [
    path("deadlines/", deadline_views.Deadlines.as_view(), name="deadlines"),
    path("<int:pk>/propose/", proposal_views.Propose.as_view(), name="propose"),
]
