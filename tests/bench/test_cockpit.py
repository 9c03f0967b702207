"""进度总览 of the demo city: the page against its own queries, run bare, and its own template."""

from collections import Counter

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.people.models import Appointment, User
from oversight.demo.services import load_demo
from tests.bench.measure import Bench
from tests.support import day


class Reader(Client):
    """A client that takes the answer as it comes: the usual one copies the context of every template."""

    def request(self, **request):
        return self.handler(self._base_environ(**request))


@pytest.mark.bench
@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(("of", "address"), [("the city", "/"), ("a county", "/divisions/211302/")])
def test_the_page_against_its_queries_and_template(bench: Bench, of, address):
    load_demo()
    user = User.objects.create(username="bench-city")
    Appointment.objects.create(user=user, role="bureau", division_id="2113", since=day("2014-01-01"))
    reader = Reader()
    reader.force_login(user)

    def page():
        answer = reader.get(address)
        assert answer.status_code == 200
        return answer

    page()
    with CaptureQueriesContext(connection) as captured:
        answer = page()
    template, context = get_template(answer.template_name[0]), answer.context_data
    asked = Counter(query["sql"] for query in captured.captured_queries)
    with CaptureQueriesContext(connection) as drawn:  # what the template itself asks is asked again as it is drawn
        assert template.render(context, answer.wsgi_request)
    asked -= Counter(query["sql"] for query in drawn.captured_queries)

    def bare():
        with connection.cursor() as cursor:
            for sql in asked.elements():
                cursor.execute(sql)
                if cursor.description:
                    cursor.fetchall()
        template.render(context, answer.wsgi_request)

    print(f"\n{of}: {sum(asked.values())} queries and {len(drawn)} of the template")
    bench.compare(
        f"the page of {of}, warm", page, bare, at_most=2, against="its queries and template", runs=15, warm_up=2
    )  # fmt: skip
