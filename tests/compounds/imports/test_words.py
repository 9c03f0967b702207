"""词语 by clicks: added and withdrawn with their history, understood at once, refused where they mean two things."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError

from compounds.imports import words
from compounds.imports.choices import Workbook
from compounds.imports.models import Synonym
from compounds.imports.vocabulary import Vocabulary, load_synonyms
from oversight.programme.services import FIXTURES

pytestmark = pytest.mark.usefixtures("reference")


def understood(word: str, field: str = "category") -> str | None:
    return Vocabulary.load(Workbook.REGISTER).words[field].get(word)


def test_an_added_word_is_understood_until_it_is_withdrawn(cast):
    row = words.add(field="category", word=" 弃管楼 ", meaning="abandoned", by=cast["admin"])
    assert understood("弃管楼") == "abandoned"
    assert words.withdraw(synonym=row, by=cast["bureau"])
    assert understood("弃管楼") is None
    assert not words.withdraw(synonym=row, by=cast["admin"]), "withdrawn once"
    row.refresh_from_db()
    assert row.withdrawn_by == cast["bureau"]
    noted = LogEntry.objects.get_for_object(row).order_by("pk")
    assert [(entry.action, entry.actor) for entry in noted] == [
        (LogEntry.Action.CREATE, cast["admin"]), (LogEntry.Action.UPDATE, cast["bureau"]),
    ]  # fmt: skip


def test_a_withdrawn_word_may_stand_for_something_else_afterwards(reference):
    row = words.add(field="category", word="弃管楼", meaning="abandoned", by=None)
    words.withdraw(synonym=row, by=None)
    words.add(field="category", word="弃管楼", meaning="unserved", by=None)
    assert understood("弃管楼") == "unserved"


def test_the_reference_data_do_not_bring_a_withdrawn_word_back(reference):
    row = Synonym.objects.filter(field="category").first()
    words.withdraw(synonym=row, by=None)
    assert load_synonyms(FIXTURES) == 0
    assert not Synonym.objects.filter(field=row.field, word=row.word, withdrawn_at=None).exists()


def test_a_header_is_understood_as_a_column(reference):
    words.add(field="register_header", word="楼盘", meaning="name", by=None)
    column = next(column for column in Vocabulary.load(Workbook.REGISTER).columns if column.key == "name")
    assert "楼盘" in column.synonyms


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"word": "  "}, "word"), ({"word": "弃" * 61}, "word"), ({"meaning": "none"}, "meaning"),
        ({"field": "planet"}, "meaning"), ({"word": "abandoned"}, "word"), ({"word": "Ａbandoned"}, "word"),
        ({"field": "register_header", "meaning": "code", "word": "小区名"}, "word"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_says_why_at_its_field(reference, given, field):
    before = Synonym.objects.count()
    with pytest.raises(ValidationError) as refused:
        words.add(**({"field": "category", "word": "弃管楼", "meaning": "abandoned"} | given), by=None)
    assert set(refused.value.message_dict) == {field}
    assert Synonym.objects.count() == before


def test_a_word_of_the_list_is_refused_however_it_is_written(reference):
    row = Synonym.objects.filter(field="category", meaning="abandoned").first()
    with pytest.raises(ValidationError, match=row.word):
        words.add(field="category", word=f"{row.word[0]} {row.word[1:]}", meaning="unserved", by=None)


def test_what_somebody_said_meanwhile_stands(reference):
    words.add(field="category", word="弃管楼", meaning="abandoned", by=None)
    words.learn(field="category", word="弃管楼", meaning="unserved", by=None)
    assert understood("弃管楼") == "abandoned"


# --- pages -----------------------------------------------------------------------------------------------
def test_words_are_added_filtered_and_withdrawn_by_clicks(as_):
    client = as_("bureau")
    added = client.post("/settings/words/", {"word": "<b>弃管楼", "meaning": "category/abandoned"}, follow=True)
    assert added.redirect_chain == [("/settings/words/", 302)]
    (word,) = client.get("/settings/words/?q=弃管楼").context["rows"]
    assert (word.meaning, word.added.actor.username) == ("弃管小区", "bureau")
    assert "<b>弃" not in client.get("/settings/words/?q=弃管楼").content.decode()
    client.post("/settings/words/withdraw/", {"word": word.row.pk})
    assert client.get("/settings/words/?q=弃管楼").context["rows"] == []
    (withdrawn,) = client.get("/settings/words/?q=弃管楼&state=withdrawn").context["rows"]
    assert withdrawn.row.withdrawn_by.username == "bureau"
    again = client.post("/settings/words/withdraw/", {"word": word.row.pk}, follow=True)
    assert [message.level_tag for message in again.context["messages"]] == ["error"]


@pytest.mark.parametrize("data", [{}, {"word": "x"}, {"word": "弃管楼", "meaning": "category/planet"}])
def test_a_wrong_form_keeps_what_was_written_and_adds_nothing(as_, data):
    before = Synonym.objects.count()
    answer = as_("bureau").post("/settings/words/", data)
    assert answer.context["word_form"].errors
    assert Synonym.objects.count() == before


@pytest.mark.parametrize("number", ["", "x", "99999999", "²"])
def test_a_word_that_is_gone_is_said_to_be_gone(as_, number):
    assert as_("bureau").post("/settings/words/withdraw/", {"word": number}).status_code == 302


def test_the_auditor_reads_and_adds_nothing(as_):
    client = as_("auditor")
    assert client.get("/settings/words/").status_code == 200
    assert client.post("/settings/words/", {"word": "弃管楼", "meaning": "category/abandoned"}).status_code == 403
    assert client.post("/settings/words/withdraw/", {"word": Synonym.objects.first().pk}).status_code == 403


def test_deleted_in_the_administration_is_withdrawn(as_):
    client, row = as_("bureau"), Synonym.objects.first()
    client.post(f"/admin/compounds/synonym/{row.pk}/delete/", {"post": "yes"})
    row.refresh_from_db()
    assert row.withdrawn_at is not None
    taken = Synonym.objects.filter(field="category", withdrawn_at=None).last()
    data = {"field": "category", "word": f"{taken.word} ", "meaning": "new_build"}
    assert client.post("/admin/compounds/synonym/add/", data).status_code == 200
    assert client.post("/admin/compounds/synonym/add/", data | {"word": "弃管楼"}).status_code == 302


@pytest.mark.parametrize("address", ["/settings/words/", "/settings/words/?field=mode&state=withdrawn"])
def test_each_page_takes_few_queries(as_, address, django_assert_max_num_queries):
    client = as_("bureau")
    with django_assert_max_num_queries(25):
        assert client.get(address).status_code == 200
