"""词语: what clerks write and what it stands for. Words are added and withdrawn; withdrawn ones stay in the history."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.values import normalise_key
from communities.people.models import User
from compounds.imports.choices import Field
from compounds.imports.models import Synonym
from compounds.imports.vocabulary import built_in, meanings

IN_USE, WITHDRAWN = "", "withdrawn"


def check(*, field: str, word: str, meaning: str, but: Synonym | None = None) -> None:
    """Raises ValidationError, with its fields, where the word could not stand for this. ``but``: the row edited."""
    labels = dict(meanings(field)) if field in Field.values else {}
    if meaning not in labels:
        raise ValidationError({"meaning": _("Choose what the word stands for.")})
    if not normalise_key(word):
        raise ValidationError({"word": _("Write the word.")})
    key = normalise_key(word)
    if (known := built_in(field).get(key)) is not None:
        message = _("“%(word)s” is understood without this: it is %(meaning)s.")
        raise ValidationError({"word": message % {"word": word, "meaning": labels[known]}})
    for other in Synonym.objects.filter(field=field, withdrawn_at=None):
        if normalise_key(other.word) == key and other != but:
            message = _("“%(word)s” stands for %(meaning)s already; withdraw that first.")
            named = labels.get(other.meaning, other.meaning)
            raise ValidationError({"word": message % {"word": other.word, "meaning": named}})


@transaction.atomic
def add(*, field: str, word: str, meaning: str, by: User | None) -> Synonym:
    """Let a word stand for something in the imports from now on. Raises ValidationError with its fields."""
    word = word.strip()
    check(field=field, word=word, meaning=meaning)
    row = Synonym(field=field, word=word, meaning=meaning)
    row.full_clean()
    with set_actor(by):
        row.save()
    return row


def learn(*, field: str, word: str, meaning: str, by: User | None) -> None:
    """As ``add``; where somebody else has said meanwhile what the word stands for, that stays."""
    with suppress(ValidationError):
        add(field=field, word=word, meaning=meaning, by=by)


@transaction.atomic
def withdraw(*, synonym: Synonym, by: User | None) -> bool:
    """Let a word be unknown again; whether it was known. What was imported with it stays as it is."""
    row = Synonym.objects.select_for_update(of=("self",)).get(pk=synonym.pk)
    if row.withdrawn_at is not None:
        return False
    row.withdrawn_at, row.withdrawn_by = timezone.now(), by
    with set_actor(by):
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return True


@dataclass(frozen=True)
class Word:
    """A row of the list. ``added`` says who added it and when, None where it came with the reference data."""

    row: Synonym
    meaning: str
    added: LogEntry | None


def found(*, q: str = "", field: str = "", state: str = IN_USE) -> QuerySet[Synonym]:
    """The words that the filters leave, by field and meaning."""
    rows = Synonym.objects.select_related("withdrawn_by").filter(withdrawn_at__isnull=state != WITHDRAWN)
    if field:
        rows = rows.filter(field=field)
    return rows.filter(word__icontains=q) if q else rows


def read(rows: Iterable[Synonym]) -> list[Word]:
    """The rows with what they mean in words, and who added them; one query."""
    rows = list(rows)
    created = LogEntry.objects.get_for_model(Synonym).filter(
        action=LogEntry.Action.CREATE, object_id__in=[row.pk for row in rows]
    )
    added = {entry.object_id: entry for entry in created.select_related("actor")}
    labels = {field: dict(meanings(field)) for field in {row.field for row in rows}}
    return [Word(row, labels[row.field].get(row.meaning, row.meaning), added.get(row.pk)) for row in rows]
