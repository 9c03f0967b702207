"""Initial passwords of a form that came twice: of both answers a browser shows the last, so that one has to hold."""

import datetime
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from chaoyang_pm.kit.permissions import require
from communities.people import selectors
from communities.people.models import User
from communities.people.services import give_initial_password, note

#: How long after it was made: later the slip may have been handed over.
AGAIN = datetime.timedelta(minutes=1)


@transaction.atomic
def anew(*, users: Collection[int], by: User) -> list[selectors.Slip]:
    """Slips with other initial passwords for accounts made just now with which nobody has logged in yet."""
    made = User.objects.filter(
        pk__in=users, must_change_password=True, last_login=None, date_joined__gt=timezone.now() - AGAIN
    )
    slips = []
    for user in made.order_by("pk").select_for_update():
        require(by.may("people.manage", user))
        if user.has_usable_password():  # not reset meanwhile
            initial = give_initial_password(user)
            user.save(update_fields=["password"])
            note(user, by, {"initial_password": ["", user.username]})
            slips.append(selectors.slip(user, initial))
    return slips
