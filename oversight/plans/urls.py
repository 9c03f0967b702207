from django.urls import path, re_path

from oversight.plans import review_views, sheet_views, views

app_name = "plans"
_COUNTY = r"^plans/counties/(?P<county>[0-9]{6})"
urlpatterns = [
    path("plans/", views.Plans.as_view(), name="list"),
    re_path(rf"{_COUNTY}/template/$", views.Template.as_view(), name="template"),
    re_path(rf"{_COUNTY}/begin/$", views.Begin.as_view(), name="begin"),
    re_path(rf"{_COUNTY}/workbook/$", sheet_views.Upload.as_view(), name="upload"),
    path("plans/<int:pk>/", views.Version.as_view(), name="version"),
    path("plans/<int:pk>/checks/", views.Said.as_view(), name="said"),
    path("plans/<int:pk>/workbook/", views.Workbook.as_view(), name="workbook"),
    path("plans/<int:pk>/workbooks/<int:workbook>/", sheet_views.Uploaded.as_view(), name="uploaded"),
    path("plans/<int:pk>/workbooks/<int:workbook>/remarks/", sheet_views.Remarked.as_view(), name="remarked"),
    path("plans/<int:pk>/sheet/", sheet_views.Sheet.as_view(), name="sheet"),
    path("plans/<int:pk>/sheet/rows/", sheet_views.Rows.as_view(), name="rows"),
    path("plans/<int:pk>/sheet/cells/", sheet_views.SaveCells.as_view(), name="cells"),
    path("plans/<int:pk>/sheet/drop/", sheet_views.DropLines.as_view(), name="drop"),
    path("plans/<int:pk>/sheet/checks/", sheet_views.Checked.as_view(), name="checks"),
    path("plans/<int:pk>/submit/", views.Submit.as_view(), name="submit"),
    path("plans/<int:pk>/scans/", views.AddScan.as_view(), name="add_scan"),
    path("plans/<int:pk>/scans/<int:scan>/", views.Scan.as_view(), name="scan"),
    path("plans/<int:pk>/review/", review_views.Review.as_view(), name="review"),
    re_path(
        r"^plans/(?P<pk>[0-9]+)/decide/(?P<decision>return|approve)/$", review_views.Decide.as_view(), name="decide"
    ),
    path("plans/<int:pk>/compare/<int:other>/", review_views.Compare.as_view(), name="compare"),
    path("plans/<int:pk>/opinion/", review_views.Opinion.as_view(), name="opinion"),
]
