"""Pages that help to write a plan."""

from django.urls import path

from oversight.plans import proposal_views

app_name = "plan_writing"
urlpatterns = [path("<int:pk>/propose/", proposal_views.Propose.as_view(), name="propose")]
