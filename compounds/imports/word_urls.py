"""词语: in the room of the settings."""

from django.urls import path

from compounds.imports import word_views as views

app_name = "words"
urlpatterns = [
    path("", views.Words.as_view(), name="list"),
    path("withdraw/", views.Withdraw.as_view(), name="withdraw"),
]
