import pytest
from django.utils.translation import gettext_lazy as _

import tests.kit.jobs.kinds  # noqa: F401 — importing declares them
from communities.notices import deadlines, kinds


@pytest.fixture
def kind():
    """A kind of notices that a test alone knows; its words are in the catalogue."""
    declared = kinds.declare(
        kinds.Kind("test.told", _("Notices"), title=_("%(what)s: due on %(due)s"), body=_("By %(who)s"))
    )
    yield declared
    kinds._kinds.pop(declared.code)


@pytest.fixture
def mail(settings):
    """A mail server."""
    settings.EMAIL_HOST, settings.PORTAL_ADDRESS = "mail.example.cn", "https://portal.example.cn"
    settings.DEFAULT_FROM_EMAIL = "平台 <portal@example.cn>"


@pytest.fixture
def due():
    """What a provider of the test says is due."""
    rows: list[deadlines.Deadline] = []
    others = dict(deadlines._providers)
    deadlines._providers.clear()
    deadlines.provide("test", lambda first, last: iter(rows))
    yield rows
    deadlines._providers.clear()
    deadlines._providers.update(others)
