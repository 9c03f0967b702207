"""One person per role, as the portal's own code makes them; afterwards put back row by row."""

from functools import cache

from django.db import connection

from tests.kept import Kept
from tests.support import person

OFFICES = {
    "bureau": ("bureau", "2113"), "leader": ("leader", "2113"), "department": ("department", "2113"),
    "county": ("county", "211302"), "subdistrict": ("subdistrict", "211302003"),
    "committee": ("committee", "211302003001"), "auditor": ("auditor", ""), "admin": ("admin", ""),
    "neighbour_county": ("county", "211303"), "neighbour_subdistrict": ("subdistrict", "211303004"),
    "neighbour_committee": ("committee", "211303004001"), "nobody": ("", ""),
}  # fmt: skip


@cache
def _kept() -> Kept:
    from auditlog.models import LogEntry

    from communities.people.models import Appointment, User

    return Kept(User, Appointment, LogEntry)


def people() -> dict:
    from communities.people.models import User

    # Only where nobody is there yet, and what a test that commits has emptied has other content types afterwards.
    if _kept().filled() != {False} or not connection.in_atomic_block:
        return {name: person(name, role, division) for name, (role, division) in OFFICES.items()}
    if not _kept().rows:
        for name, (role, division) in OFFICES.items():
            person(name, role, division)
        _kept().take()
    else:
        _kept().put_back()
    return User.objects.in_bulk(OFFICES, field_name="username")
