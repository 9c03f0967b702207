from django.urls import path

from oversight.coverage import target_views
from oversight.programme import views

app_name = "programme"
urlpatterns = [
    path("targets/", target_views.Targets.as_view(), name="targets"),
    path("targets/<str:target>/", target_views.TargetPage.as_view(), name="target"),
    path("targets/<str:target>/adjust/", views.Adjust.as_view(), name="adjust"),
    path("targets/<str:target>/divide/<str:code>/", views.Divide.as_view(), name="divide"),
    path(
        "targets/<str:target>/versions/<str:valid_from>/withdraw/", views.WithdrawVersion.as_view(),
        name="withdraw_version",
    ),
    path("targets/<str:target>/parts/<int:pk>/withdraw/", views.WithdrawPart.as_view(), name="withdraw_part"),
]  # fmt: skip
