"""Lists get shorter under a reader's hands: a page beyond the last one is the last one, in every list."""

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.views.generic import ListView

from tests import access


def lists() -> list[str]:
    plain = [name for name, row in access.ROWS.items() if row.get and row.about in ("", "apart") and not row.is_api]
    found = {name: resolve(reverse(name, args=access.ROWS[name].args)).func for name in plain}
    return [name for name, view in found.items() if issubclass(getattr(view, "view_class", object), ListView)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", lists())
def test_a_page_beyond_the_last_is_the_last(name, cast):
    row, client = access.ROWS[name], Client()
    client.force_login(cast["admin" if "admin" in row.get else "bureau"])
    answer = client.get(reverse(name, args=row.args), row.query | {"page": "99"})
    assert answer.status_code == 200
    assert answer.context["page_obj"].number == answer.context["paginator"].num_pages


def test_there_are_lists():
    assert {"successions:list", "approvals:list", "structure:apart", "jobs:list"} <= set(lists())
