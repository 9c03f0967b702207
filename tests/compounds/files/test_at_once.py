"""The same file from two people at the same moment is one row."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from compounds.files import services
from compounds.files.choices import AttachmentKind
from compounds.files.models import Attachment
from compounds.register.models import Compound
from tests.kit.uploads import files
from tests.support import make_compound, person


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_is_one_row(monkeypatch):
    """Both have looked and found nothing before either writes."""
    from communities.divisions.models import Division

    city = Division.objects.create(code="2113", name="朝阳市", level="city")
    make_compound("A", city.code)
    clerk = person("clerk", "bureau", "2113")
    both_took, taken = threading.Barrier(2, timeout=60), services.uploads.take

    def take(*arguments, **options):
        kept = taken(*arguments, **options)
        both_took.wait()
        return kept

    monkeypatch.setattr(services.uploads, "take", take)
    filed = []

    def add():
        try:
            file = SimpleUploadedFile("a.jpg", files.photo())
            compound = Compound.objects.get(code="A")
            filed.append(services.add(compound=compound, kind=AttachmentKind.PHOTO, file=file, by=clerk))
        finally:
            connection.close()

    both = [threading.Thread(target=add) for _one in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    row = Attachment.objects.get()
    assert sorted(one.already_there for one in filed) == [False, True]
    assert {one.attachment.pk for one in filed} == {row.pk}
    assert set(services.store().names()) == {row.original, row.shown, row.preview}
