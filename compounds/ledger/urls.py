from django.urls import path

from compounds.ledger import views

app_name = "ledger"
urlpatterns = [
    path("compounds/<str:code>/record/<str:kind>/", views.Record.as_view(), name="record"),
    path("entries/<int:height>/", views.EntryDetail.as_view(), name="entry"),
    path("entries/<int:height>/correct/", views.Correct.as_view(), name="correct"),
]
