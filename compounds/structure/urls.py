"""Comes before the addresses of register and ledger: they would take ``duplicates`` for the code of a compound,
and ``record/merge/`` for a form of theirs.
"""

from django.urls import path

from compounds.ledger.choices import Kind
from compounds.structure import views

app_name = "structure"
urlpatterns = [
    path("compounds/duplicates/", views.Duplicates.as_view(), name="duplicates"),
    path("compounds/duplicates/apart/", views.ToldApart.as_view(), name="apart"),
    path("compounds/<str:code>/record/relocate/", views.Record.as_view(kind=Kind.RELOCATE), name="relocate"),
    path("compounds/<str:code>/record/merge/", views.Record.as_view(kind=Kind.MERGE), name="merge"),
    path("compounds/<str:code>/record/split/", views.Record.as_view(kind=Kind.SPLIT), name="split"),
    path("entries/<int:height>/correct/structure/", views.Correct.as_view(), name="correct"),
]
