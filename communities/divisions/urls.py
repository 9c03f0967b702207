from django.urls import path

from communities.divisions import views

app_name = "divisions"
urlpatterns = [
    path("", views.Divisions.as_view(), name="list"),
    path("add/", views.AddDivision.as_view(), name="add"),
    path("<str:code>/", views.DivisionPage.as_view(), name="division"),
    path("<str:code>/correct/", views.CorrectName.as_view(), name="correct"),
]
