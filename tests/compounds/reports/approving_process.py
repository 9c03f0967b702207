"""A process that approves one report; ``test_properties.py`` starts several of them.

``python -m tests.compounds.reports.approving_process PK USERNAME`` prints "ready", waits for a line, and says what came
of it.
"""

import os
import sys


def main(pk: str, username: str) -> str:
    from django.core.exceptions import PermissionDenied

    from communities.people.models import User
    from compounds.reports import services
    from compounds.reports.models import Report

    report, by = Report.objects.get(pk=pk), User.objects.get(username=username)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        (entry,) = services.approve(report=report, by=by).entries
    except PermissionDenied:
        return "too late"
    return f"posted {entry.height}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    import django

    django.setup()
    print(main(sys.argv[1], sys.argv[2]))
