from django.urls import path

from compounds.register import building_views, bulk_views, fact_views, list_views, views

app_name = "register"
urlpatterns = [
    path("compounds/", list_views.Register.as_view(), name="list"),
    path("register/columns/", list_views.ChooseColumns.as_view(), name="columns"),
    path("register/views/", list_views.SaveView.as_view(), name="save_view"),
    path("register/views/<int:pk>/", list_views.ChangeView.as_view(), name="change_view"),
    path("register/views/<int:pk>/delete/", list_views.DeleteView.as_view(), name="delete_view"),
    path("register/bulk/", bulk_views.SetFact.as_view(), name="bulk"),
    path("register/new/", views.New.as_view(), name="new"),
    path("compounds/<str:code>/", views.Detail.as_view(), name="detail"),
    path("compounds/<str:code>/edit/", fact_views.Edit.as_view(), name="edit"),
    path("compounds/<str:code>/facts/<str:name>/", fact_views.EditFact.as_view(), name="fact"),
    path("compounds/<str:code>/buildings/", building_views.AddBuilding.as_view(), name="add_building"),
    path("compounds/<str:code>/buildings/<int:pk>/", building_views.ChangeBuilding.as_view(), name="building"),
    path("compounds/<str:code>/community/", views.MovePending.as_view(), name="move"),
    path("compounds/<str:code>/retire/", views.Retire.as_view(), name="retire"),
]
