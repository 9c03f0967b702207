from django.urls import path

from compounds.successions import views

app_name = "successions"
urlpatterns = [
    path("successions/", views.Successions.as_view(), name="list"),
    path("successions/new/<str:kind>/", views.Succeed.as_view(), name="succeed"),
    path("successions/<int:pk>/", views.Detail.as_view(), name="detail"),
]
