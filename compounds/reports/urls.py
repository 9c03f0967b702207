from django.urls import path

from compounds.reports import form_views, views

app_name = "reports"
urlpatterns = [
    path("reports/", views.Home.as_view(), name="home"),
    path("reports/of/<str:code>/", views.Home.as_view(), name="community"),
    path("reports/of/<str:code>/missing/", form_views.Missing.as_view(), name="missing"),
    path("reports/of/<str:code>/paper/", views.BlankPaper.as_view(), name="blank_paper"),
    path("compounds/<str:code>/report/", views.What.as_view(), name="what"),
    path("compounds/<str:code>/report/paper/", views.Paper.as_view(), name="paper"),
    path("compounds/<str:code>/report/<str:what>/", form_views.New.as_view(), name="new"),
    path("reports/<uuid:pk>/", views.Detail.as_view(), name="detail"),
    path("reports/<uuid:pk>/edit/", form_views.Edit.as_view(), name="edit"),
    path("reports/<uuid:pk>/take/<str:step>/", views.Take.as_view(), name="take"),
    path("reports/<uuid:pk>/files/", form_views.Upload.as_view(), name="upload"),
    path("reports/<uuid:pk>/files/<int:file>/", form_views.Shown.as_view(), name="file"),
    path("reports/<uuid:pk>/files/<int:file>/preview/", form_views.Preview.as_view(), name="file_preview"),
]
