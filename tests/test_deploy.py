"""The files of ``deploy/``: what can be held to without a container engine, nginx or systemd."""

import configparser
import re
import uuid
from pathlib import Path

import psycopg2
import pytest
import yaml
from django.conf import settings
from django.db import connection

from chaoyang_pm.kit.uploads.limits import MAX_REQUEST, MIB
from compounds.ledger.triggers import TABLES
from tests.support import process_environment
from tests.test_settings import variables

DEPLOY = Path(settings.BASE_DIR) / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def test_compose_names_only_variables_and_services_that_there_are():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert {"database", "broker", "upgrade", "web", "worker"} == set(services)
    for name in ("upgrade", "web", "worker"):
        assert set(services[name]["environment"]) <= variables()
        assert set(services[name]["depends_on"]) <= set(services)
        assert services[name]["read_only"] is True
    assert all("healthcheck" in services[name] for name in ("database", "broker", "web"))
    mounted = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert {name for name in mounted if not name.startswith(".")} == set(compose["volumes"])
    assert all((DEPLOY / name).is_file() for name in mounted if name.startswith("."))
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    given = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose.env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked == given


def test_the_image_does_not_run_as_root():
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM")) :]
    assert "USER chaoyang-pm" in last_stage


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_hardened_and_read_the_environment_file(path):
    class Repeating(dict):
        """systemd repeats keys; the last of them is enough here."""

    unit = configparser.RawConfigParser(strict=False, dict_type=Repeating)
    unit.optionxform = str
    unit.read(path, encoding="utf-8")
    service = unit["Service"]
    assert service["EnvironmentFile"] == "/etc/chaoyang-pm/portal.env"
    assert service["User"] == "chaoyang-pm"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")


def test_the_example_environment_has_no_unknown_variable():
    text = (DEPLOY / "portal.env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)) <= variables()


def test_nginx_lets_through_what_the_portal_explains():
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert int(re.search(r"client_max_body_size (\d+)m;", text)[1]) * MIB > MAX_REQUEST
    assert re.search(r"proxy_set_header X-Forwarded-Proto \$scheme;", text)


WORK = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "chaoyang_pm.settings"
django.setup()
from django.db import DatabaseError, connection, transaction
from django.test import Client
from compounds.ledger.models import Entry
from compounds.ledger.verify import verify
from communities.people.models import User
from tests.support import make_compound, post_example

def refused(statement):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)

post_example()
user = User.objects.create_superuser("root", password="a-long-password-1")
client = Client(headers={"host": "localhost"})
client.force_login(user)
for page in ("/", "/healthz?live"):
    assert client.get(page).status_code == 200, page
assert verify().ok
for table in ("compounds_entry", "compounds_entrypart", "compounds_posting"):
    assert refused(f"DELETE FROM {table}"), table
    assert refused(f"TRUNCATE {table} CASCADE"), table
    assert refused(f"ALTER TABLE {table} DISABLE TRIGGER ALL"), table
assert refused("UPDATE compounds_entry SET note = 'x'")
assert refused("CREATE TABLE mine (id int)")
print("worked")
"""


@pytest.mark.parametrize("when", ["before the first migration", "after"])
def test_the_application_works_with_a_role_that_owns_nothing(django_db_setup, django_db_blocker, tmp_path, when):
    """On a real server: the owner migrates, the application records and reads, and cannot touch the ledger's past."""
    configured = connection.settings_dict
    if connection.vendor != "postgresql":
        pytest.skip("roles are PostgreSQL's")
    import subprocess
    import sys

    suffix = uuid.uuid4().hex[:8]
    database, owner, app = f"roles_{suffix}", f"owner_{suffix}", f"app_{suffix}"
    script = (DEPLOY / "postgresql-roles.sql").read_text(encoding="utf-8")
    script = script.replace("chaoyang_pm_owner", owner).replace("chaoyang_pm_app", app)
    place = f"{configured['HOST']}:{configured['PORT'] or 5432}/{database}"

    def execute(sql: str, name: str) -> None:
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            if name == "postgres":
                cursor.execute(sql)
                return
        opened = psycopg2.connect(
            host=configured["HOST"], port=configured["PORT"] or 5432, user=configured["USER"],
            password=configured["PASSWORD"] or None, dbname=name,
        )  # fmt: skip
        try:
            with opened, opened.cursor() as cursor:
                cursor.execute(sql)
        finally:
            opened.close()

    def run(role: str, *command: str) -> subprocess.CompletedProcess[str]:
        secret = configured["PASSWORD"] if role == configured["USER"] else "a-password"
        return subprocess.run(
            [sys.executable, *command], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
            env=process_environment(f"postgres://{role}:{secret}@{place}", tmp_path) | {"REDIS_URL": ""},
        )  # fmt: skip

    passwords = f"ALTER ROLE {owner} PASSWORD 'a-password'; ALTER ROLE {app} PASSWORD 'a-password'"
    execute(f"CREATE DATABASE {database}", "postgres")
    try:
        if when == "after":
            done = run(configured["USER"], "manage.py", "migrate", "--verbosity=0")
            assert done.returncode == 0, done.stderr
        for _again in range(2):
            execute(script, database)
        execute(passwords, "postgres")
        done = run(owner, "manage.py", "upgrade")
        assert done.returncode == 0, done.stderr
        done = run(app, "-c", WORK)
        assert done.stdout == "worked\n", done.stderr
        # What an administrator has given by hand is taken away by the next migrate.
        execute(f"GRANT UPDATE, DELETE ON {', '.join(TABLES)} TO {app}", database)
        assert run(owner, "manage.py", "migrate", "--verbosity=0").returncode == 0
        left = run(app, "-c", WORK.replace("post_example()", "").replace('"root"', '"root2"'))
        assert left.stdout == "worked\n", left.stderr
        assert run(app, "manage.py", "backup", str(tmp_path / "a.zip")).returncode == 0
    finally:
        execute(f"DROP DATABASE {database} WITH (FORCE)", "postgres")
        execute(f"DROP ROLE IF EXISTS {app}", "postgres")
        execute(f"DROP ROLE IF EXISTS {owner}", "postgres")
