from django.urls import path

from communities.tokens import views

app_name = "tokens"
urlpatterns = [
    path("", views.Tokens.as_view(), name="list"),
    path("new/", views.NewToken.as_view(), name="new"),
    path("<int:pk>/revoke/", views.RevokeToken.as_view(), name="revoke"),
]
