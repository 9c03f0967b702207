"""A portal's process: fills its database with a random history, and answers random questions about it.

``python -m tests.kit.operations.portal fill:SEED,ENTRIES backup:FILE answers:SEED,NUMBER record:CODE`` does one after
the other on the database and data folder of the environment, and prints their results as JSON.
"""

import datetime
import json
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

#: When the answers are given.
TODAY = "2016-12-31"


def fill(seed: int, entries: int) -> None:
    """Reference data, accounts, an import with its file, and a history of every kind of entry, late ones too."""
    from django.core.files.base import ContentFile

    from communities.people.models import User
    from compounds.imports.models import ImportRun
    from compounds.ledger import services
    from compounds.ledger.anchors import write_anchor
    from compounds.ledger.choices import Source
    from compounds.ledger.refusals import Refused
    from oversight.programme.services import load_reference
    from tests.model.histories import KINDS, Step, proposal, stage
    from tests.model.replay_model import Impossible, Model
    from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, draft, from_model, make_compound

    load_reference()
    clerk = User.objects.create_user("wangfang", password="a-long-password-1", display_name="王芳")
    run = ImportRun(workbook="register", filename="台账.xlsx", sha256="0" * 64, created_by=clerk, result={"rows": 3})
    run.file.save(f"{run.id}.upload", ContentFile(b"as the clerk sent it\x00\xff"))
    place = stage([JINYUAN, QIANJIN, HAIHE, XINLIU], compounds=40, spare=30, dates=60, apart=11)
    for code in place.codes:
        make_compound(code, place.homes.get(code, JINYUAN), note="一行\n另一行\t\\" if code == place.codes[0] else "")
    source, model = random.Random(seed), Model()

    def post(event) -> None:
        if event.kind == "reversal":
            services.reverse(height=event.reverses, reason="录入有误", by=clerk, source=Source.COMMAND)
        else:
            services.record(draft=draft(from_model(event)), by=clerk, source=Source.COMMAND)

    tries = 0
    while model.height < entries:
        step = Step.drawn(source, KINDS)
        if tries < len(place.homes):
            step = replace(step, kind="register", who=tries, other=1, day=tries % 7)
        tries += 1
        event = proposal(model, place, step)
        try:
            model.record(event)
            post(event)
        except (Impossible, Refused):
            continue
        if model.height == entries // 2:
            write_anchor()
    write_anchor()
    submit_a_plan(clerk, place.codes[0])


def submit_a_plan(clerk, code: str) -> None:
    """A row of every kind that is final once a plan is submitted, or was never changed."""
    from django.utils import timezone

    from compounds.register.models import Compound
    from oversight.plans.models import PlanVersion
    from oversight.programme.models import Programme

    compound, now = Compound.objects.get(code=code), timezone.now()
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id="211302", number=1, created_by=clerk
    )
    version.lines.create(
        number=4, compound=compound, community_id=compound.community_id, mode="owners", person="王芳",
        due_on=datetime.date(2015, 3, 31),
    )  # fmt: skip
    version.totals.create(row=4, place_id="211302", compounds=1, area_dm2=100_00)
    version.remarks.create(line=4, text="时限提前", by=clerk, at=now)
    step = version.steps.create(step="submit", from_state="draft", to_state="submitted", by=clerk, at=now)
    step.comments.create(line=4, text="已核实")
    version.state, version.submitted_on, version.document_no = "submitted", now.date(), "双政发〔2014〕12号"
    version.signatory = "王某"
    version.save()


def answers(seed: int, number: int) -> list[dict]:
    """Coverage and movements for random divisions, dates, heights and rules."""
    from compounds.ledger.models import LedgerHead
    from oversight.coverage import presenters, selectors
    from oversight.coverage.movements import movements
    from oversight.coverage.question import resolve
    from oversight.programme.models import CountingRule
    from tests.model.histories import START
    from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU

    source, height = random.Random(seed), LedgerHead.objects.get().height
    divisions = ["2113", "211302", "211303", "211321", "211302001", "211302003", JINYUAN, QIANJIN, HAIHE, XINLIU]
    rules = sorted(CountingRule.objects.values_list("code", flat=True).distinct())
    found = []
    for _question in range(number):
        on = START + datetime.timedelta(days=source.randint(-5, 700))
        question = resolve(
            division=source.choice(divisions), as_of=on.isoformat(), height=source.randint(0, height),
            rule=source.choice(rules),
        )  # fmt: skip
        moved = movements(question, START)
        found.append(
            presenters.coverage(question, selectors.coverage(question))
            | {"moved": presenters.movements(question, START, moved)}
        )
    return found


def record(code: str) -> int:
    """Go on as if nothing had happened: sequences, triggers and the ledger's head are in order."""
    from django.db import connection, transaction
    from django.db.utils import DatabaseError

    from compounds.ledger import triggers
    from compounds.ledger.models import Entry
    from tests.support import register

    assert triggers.missing(connection) == []
    height = register(code).height
    try:
        with transaction.atomic():
            Entry.objects.filter(height=height).update(note="x")
    except DatabaseError:
        return height
    raise AssertionError("the ledger can be changed")


def token(name: str) -> str:
    """A token of that name; its secret."""
    from communities.people.models import User
    from communities.tokens import services

    owner = User.objects.get(username="wangfang")
    return services.make(user=owner, name=name, scopes=["coverage:read"], by=None)[1]


def revoke(name: str) -> None:
    from communities.tokens import services
    from communities.tokens.models import Token

    services.revoke(token=Token.objects.get(name=name), by=None)


def told(secret: str) -> str:
    """What whoever comes with a token is told; a live one that its owner, who made it, holds no office."""
    from communities.tokens import keys

    try:
        keys.owner_by(secret)
    except keys.Unaccepted as unaccepted:
        return unaccepted.code
    return ""


def verified() -> str:
    from compounds.ledger.verify import verify

    report = verify()
    assert report.ok, report.findings
    return f"{report.height}:{report.hash}"


def written(path: str) -> str:
    from chaoyang_pm.kit.operations.backups import backup

    return backup(Path(path)).seal


def as_then(path: str) -> None:
    """The database of an older release: tables as its migrations made them, a backup's rows, the triggers."""
    from django.db import connection, connections
    from django.db.migrations.executor import MigrationExecutor

    from chaoyang_pm.kit.operations import states, tables
    from chaoyang_pm.kit.operations.archive import Reader
    from compounds.ledger import triggers

    with Reader(Path(path)) as archive:
        then = states.of_manifest(archive.manifest, "default")
        with tables.rebuilding("default"):
            MigrationExecutor(connections["default"]).migrate(then.targets)
            tables.empty(then.tables(), "default")
            for model in then.tables():
                table = model._meta.db_table
                with archive.open(f"tables/{table}.jsonl") as lines:
                    tables.load(model, archive.manifest["tables"][table]["columns"], lines, "default")
            tables.check_keys("default")
            tables.reset_sequences(then.tables(), "default")
            triggers.install(connection)


ACTIONS = {
    "then": as_then, "fill": fill, "answers": answers, "record": record, "backup": written, "verify": verified,
    "token": token, "revoke": revoke, "told": told,
}  # fmt: skip


def main(actions: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaoyang_pm.settings")
    os.environ["CHAOYANG_PM_BUSINESS_DATE"] = TODAY
    import django

    django.setup()
    results = []
    for action in actions:
        name, _colon, given = action.partition(":")
        arguments = [int(one) if one.isdigit() else one for one in given.split(",") if one]
        results.append(ACTIONS[name](*arguments))
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
