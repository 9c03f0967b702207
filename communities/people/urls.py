from django.contrib.auth.views import LogoutView
from django.urls import path

from communities.people import views

app_name = "people"
urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChange.as_view(), name="password"),
    path("locks/", views.Locks.as_view(), name="locks"),
    path("first/<str:token>/", views.FirstAccount.as_view(), name="first_account"),
]
