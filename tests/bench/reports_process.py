"""Processes of ``test_reports.py``: one that makes communities with tokens, and those that report over the API.

``prepare COMMITTEES FILE`` writes who reports and reviews to a file; ``drive URL FILE PART PARTS EACH`` takes the
reports of its part of the committees from a draft to the ledger; ``bare`` inserts the rows of all that once more.
"""

import http.client
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

STEPS = (("committee", "submit"), ("street", "verify"), ("county", "approve"))
API = "/api/v1/status-reports/"


def prepare(committees: int, file: Path) -> None:
    """A compound of each community, and a token of each office that reports or reviews."""
    from communities.divisions.models import Division
    from communities.people.choices import Role
    from communities.people.models import Appointment, User
    from communities.tokens import services as tokens
    from compounds.ledger import services as ledger
    from compounds.ledger.choices import Source
    from tests.support import day, draft, event, make_compound

    def secret(role: Role, division: str, scope: str) -> str:
        user = User.objects.create_user(f"{role}-{division}", display_name=division)
        Appointment.objects.create(user=user, role=role, division_id=division, since=day("2014-01-01"))
        return tokens.make(user=user, name="x", scopes=[scope], by=None)[1]

    places = Division.objects.filter(level="community").order_by("code").values_list("code", flat=True)[:committees]
    offices = {code[:9]: (Role.SUBDISTRICT, "reports:review") for code in places}
    offices |= {code[:6]: (Role.COUNTY, "reports:review") for code in places}
    secrets = {code: secret(role, code, scope) for code, (role, scope) in offices.items()}
    drafts, rows = [], []
    for number, place in enumerate(places):
        make_compound(f"C{number}", place)
        drafts.append(draft(event(
            "register", day("2014-01-01"), f"C{number}", community=place, category="abandoned", mode_to="none",
            m2=10_000, households=100,
        )))  # fmt: skip
        rows.append({
            "compound": f"C{number}", "committee": secret(Role.COMMITTEE, place, "reports:write"),
            "street": secrets[place[:9]], "county": secrets[place[:6]],
        })  # fmt: skip
    ledger.record_all(drafts=drafts, by=None, source=Source.COMMAND)
    file.write_text(json.dumps(rows), encoding="utf-8")


class Caller:
    """One connection that is kept; what has no answer, or is told to wait, is sent again with its key."""

    def __init__(self, url: str):
        self.where = urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.where, timeout=120)
        self.statuses: Counter[int] = Counter()

    def post(self, path: str, secret: str, key: str, body: dict) -> dict:
        headers = {
            "Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": key,
        }  # fmt: skip
        while True:
            try:
                self.connection.request("POST", path, json.dumps(body), headers)
                answer = self.connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.statuses[0] += 1
                continue
            self.statuses[answer.status] += 1
            if answer.status in (200, 201):
                return json.loads(said)
            if answer.status not in (429, 503):
                raise SystemExit(f"{path}: {answer.status} {said.decode()}")


def drive(url: str, rows: list[dict], each: int, seed: int) -> dict:
    """Draft, submit, verify, approve; one request in twenty is sent twice, as by a client that heard nothing."""
    chance, caller = random.Random(seed), Caller(url)
    work = [(row, number) for number in range(each) for row in rows]
    ids, heights = [], []
    for row, number in work:
        body = {
            "compound": row["compound"], "kind": "takeover", "effective_on": f"2014-02-{number + 1:02}",
            "date_basis": "交接记录", "category": "abandoned", "mode_from": "none", "mode_to": "professional",
            "area_m2": 100, "households": 1, "document_no": f"{row['compound']}-{number}", "note": "",
        }  # fmt: skip
        name = f"{row['compound']} {number}"
        said: dict = {}
        for who, step in (("committee", ""), *STEPS):
            path, sent = (f"{said['url']}{step}/", {"revision": said["revision"]}) if step else (API, body)
            said = caller.post(path, row[who], f"{name} {step}", sent)
            if chance.random() < 0.05:
                assert caller.post(path, row[who], f"{name} {step}", sent) == said
        ids.append(said["id"])
        heights.append(said["entry_height"])
    return {"ids": ids, "heights": heights, "statuses": caller.statuses}


def bare() -> dict:
    """Seconds to insert what reporting has left once more, row by row in tables without keys, a commit a request."""
    from django.db import connection, transaction

    tables = {
        "compounds_report": "id", "compounds_reportstep": "report_id", "kit_keptanswer": "id",
        "compounds_entry": "height", "compounds_posting": "entry_id",
    }  # fmt: skip
    copies = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM {table} WHERE 1 = 0")
            cursor.execute(f"SELECT * FROM {table}")
            marks = ", ".join(["%s"] * len(cursor.description))
            statement = f"INSERT INTO bare_{table} VALUES ({marks})"
            copies.append((statement, cursor.fetchall()))
        requests = len(copies[2][1])
        began = time.perf_counter()
        for number in range(requests):
            with transaction.atomic():
                for statement, rows in copies:
                    # As many of each as a request leaves on the average.
                    for row in rows[number * len(rows) // requests : (number + 1) * len(rows) // requests]:
                        cursor.execute(statement, row)
        return {"seconds": time.perf_counter() - began, "requests": requests}


def state() -> dict:
    """What stands in the database afterwards."""
    from django.db.models import Count

    from compounds.ledger.models import Entry
    from compounds.ledger.verify import verify
    from compounds.reports.models import Report, ReportStep

    steps = ReportStep.objects.values_list("step").annotate(number=Count("pk"))
    return {
        "reports": Report.objects.count(), "approved": Report.objects.filter(state="approved").count(),
        "entries": Entry.objects.filter(source="report").count(), "steps": dict(steps), "chain": verify().ok,
        "linked": Report.objects.filter(entry__source_key__startswith="report:").count(),
    }  # fmt: skip


def main(command: str, *arguments: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    if command == "drive":
        url, file, part, parts, each = arguments
        rows = json.loads(Path(file).read_text(encoding="utf-8"))[int(part) :: int(parts)]
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(drive(url, rows, int(each), int(part))))
        return
    import django

    django.setup()
    if command == "prepare":
        prepare(int(arguments[0]), Path(arguments[1]))
    else:
        print(json.dumps({"bare": bare, "state": state}[command]()))


if __name__ == "__main__":
    main(*sys.argv[1:])
