from django.urls import path

from compounds.modes import fact_views, views

app_name = "modes"
urlpatterns = [
    path("procedures/", views.Procedures.as_view(), name="list"),
    path("procedures/kinds/", views.Kinds.as_view(), name="kinds"),
    path("procedures/votes/", fact_views.Calculator.as_view(), name="calculator"),
    path("procedures/<int:pk>/", views.Detail.as_view(), name="detail"),
    path("procedures/<int:pk>/advance/", views.Advance.as_view(), name="advance"),
    path("procedures/<int:pk>/abandon/", views.Abandon.as_view(), name="abandon"),
    path("procedures/<int:pk>/take-back/", views.TakeBack.as_view(), name="take_back"),
    path("procedures/<int:pk>/votes/<int:step>/", fact_views.RecordVote.as_view(), name="vote"),
    path("procedures/<int:pk>/tender/", fact_views.TenderPage.as_view(), name="tender"),
    path("procedures/<int:pk>/fees/", fact_views.FeePage.as_view(), name="add_fee"),
    path("procedures/<int:pk>/fees/<int:fee>/", fact_views.FeePage.as_view(), name="fee"),
    path("procedures/<int:pk>/points/", fact_views.PointPage.as_view(), name="add_point"),
    path("procedures/<int:pk>/points/<int:point>/", fact_views.PointPage.as_view(), name="point"),
    path("compounds/<str:code>/procedure/", views.Start.as_view(), name="start"),
    path("settings/takeovers/", views.Evidence.as_view(), name="evidence"),
]
