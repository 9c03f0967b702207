"""A compound of 前进社区 with one change that needs a document, and files to be filed with it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.files import services
from compounds.files.choices import AttachmentKind
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.kit.uploads import files
from tests.support import QIANJIN, record, register


@pytest.fixture
def compound(reference) -> Compound:
    register("Q", community=QIANJIN, m2=1000, households=10)
    record("takeover", "2014-05-10", "Q", m2=600, mode_to="professional")
    record("reclassify", "2014-06-01", "Q", category="abandoned", mode_from="none", new_category="renovated", m2=100)
    return Compound.objects.get(code="Q")


@pytest.fixture
def basis(compound) -> Entry:
    """The entry whose kind needs a document."""
    return Entry.objects.get(kind="reclassify")


@pytest.fixture
def file(compound, bureau):
    """Files something with the compound and returns the row."""

    def add(content=None, name="IMG_0001.jpg", kind="photo", **given):
        content = files.photo() if content is None else content
        given = {"compound": compound, "title": "", "by": bureau} | given
        return services.add(kind=AttachmentKind(kind), file=SimpleUploadedFile(name, content), **given)

    return add
