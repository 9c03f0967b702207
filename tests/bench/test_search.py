"""Search over 200,000 compounds and a million entries, against one look through the same columns of the tables."""

import pytest
from django.db import connection

from communities.people.models import Appointment, User
from oversight.shell.search import search
from tests.bench.measure import Bench, interleave
from tests.bench.test_coverage import big, business_date  # noqa: F401 — fixtures
from tests.support import day

#: By hand PostgreSQL counts with all its workers; a search is four kinds, in order, for a reader.
AT_MOST, AIM = 4, 250
BY_HAND = (
    "SELECT COUNT(*) FROM compounds_entry WHERE provider_to LIKE %s OR basis_no LIKE %s",
    "SELECT COUNT(*) FROM compounds_compound WHERE normalised_name LIKE %s OR former_names LIKE %s",
)
ASKED = {
    "a provider": "物业12", "all providers": "物业", "a document": "朝房物〔2016〕777号",
    "a year's documents": "〔2016〕", "a number": "5999", "a compound": "小区1999", "initials": "hycs",
    "nothing": "没有这个", "letters": "Zzz",
}  # fmt: skip


def by_hand(text: str) -> None:
    with connection.cursor() as cursor:
        for sql in BY_HAND:
            cursor.execute(sql, [f"%{text}%"] * 2)
            cursor.fetchall()


@pytest.mark.bench
@pytest.mark.parametrize(("role", "division"), [("bureau", "2113"), ("county", "211302")])
def test_search(big, bench: Bench, role, division):  # noqa: F811 — the fixture by its name
    user, _made = User.objects.get_or_create(username=f"bench-{role}")
    Appointment.objects.get_or_create(user=user, role=role, division_id=division, since=day("2014-01-01"))
    user = User.objects.get(pk=user.pk)
    for name, text in ASKED.items():
        calls = {"search": lambda text=text: search(user, text, limit=5), "by hand": lambda text=text: by_hand(text)}
        took = interleave(calls, runs=7)
        bench.judge(
            f"search by the {role} for {name}", took["search"] / took["by hand"], at_most=AT_MOST, medians=took, runs=7
        )
        bench.judge(
            f"search by the {role} for {name}, by the clock", took["search"] * 1000, at_most=AIM, unit="ms", aim=True,
            runs=7,
        )  # fmt: skip
