"""A process that posts to the ledger by itself; ``test_processes.py`` starts several of them.

``python -m tests.compounds.ledger.posting_process NAME ENTRIES SHARED`` posts takeovers and lapses in turn, each in a
transaction of its own, and prints each height once it is committed. Every third goes to a SHARED compound (several are
separated by commas), which all processes fight for, the others to compound NAME. Every fifth call records two events at
once.
"""

import os
import sys


def say(line: object) -> None:
    """One write: several processes share a pipe, and any of them may be killed at any moment."""
    os.write(1, f"{line}\n".encode())


def main(name: str, entries: int, shared: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    import django

    django.setup()
    from compounds.ledger import services
    from compounds.ledger.choices import Source
    from tests.support import day, draft, event

    def moves(code: str, number: int) -> list:
        """Area out and back again, so that any number of processes can do it to the same compound."""
        out = draft(event("takeover", day("2014-03-01"), code, mode_to="owners", m2=1, households=0))
        back = draft(
            event("lapse", day("2014-04-01"), code, category="abandoned", mode_from="owners", m2=1, households=0)
        )
        return [out, back] if number % 5 == 0 else [out]

    posted, number, common = 0, 0, shared.split(",")
    say("ready")
    sys.stdin.readline()
    while posted < entries:
        drafts = moves(common[number // 3 % len(common)] if number % 3 == 0 else name, number)[: entries - posted]
        for entry in services.record_all(drafts=drafts, by=None, source=Source.COMMAND):
            say(entry.height)
        posted, number = posted + len(drafts), number + 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
