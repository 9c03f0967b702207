from django.urls import path

from oversight.onepager import views

app_name = "onepager"
urlpatterns = [
    path("divisions/<str:code>/one-page/", views.OnePager.as_view(), name="page"),
    path("divisions/<str:code>/one-page.docx", views.OnePagerDocument.as_view(), name="document"),
]
