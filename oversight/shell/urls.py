from django.urls import path

from oversight.shell import appearance, views

app_name = "shell"
urlpatterns = [
    path("search/", views.Search.as_view(), name="search"),
    path("switch/", views.Switch.as_view(), name="switch"),
    path("help/", views.Help.as_view(), name="help"),
    path("theme/", appearance.choose, name="theme"),
    path("components/", views.Components.as_view(), name="components"),
]
