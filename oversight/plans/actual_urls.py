from django.urls import path

from oversight.plans import actual_views as views

app_name = "plan_actuals"
urlpatterns = [
    path("actuals/", views.Start.as_view(), name="start"),
    path("actuals/<str:code>/", views.ActualsPage.as_view(), name="division"),
]
