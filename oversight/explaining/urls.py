from django.urls import path

from oversight.explaining import views

app_name = "explaining"
urlpatterns = [path("divisions/<str:code>/how/<str:figure>/", views.HowItIsCounted.as_view(), name="figure")]
