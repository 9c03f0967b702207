"""When tokens end: their owners are reminded before."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import start_of
from communities.notices.deadlines import Deadline
from communities.notices.kinds import Text
from communities.tokens.selectors import live_tokens


def ending_tokens(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    over = start_of(last + datetime.timedelta(days=1))
    ending = live_tokens().filter(expires_at__lt=over).select_related("user")
    for token in ending:
        yield Deadline(
            key=f"token:{token.pk}", due_on=timezone.localdate(token.expires_at), users=(token.user,),
            what=Text(_("Token “%(name)s” ends"), name=token.name), link=reverse("tokens:list"),
        )  # fmt: skip
