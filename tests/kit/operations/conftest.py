"""Portals of their own, each with its database and data folder, that tests may wipe, kill and replace.

A process costs seconds: what can be looked at without one is, and a filled portal is copied.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, connections

from tests.support import Answer, process_environment


@dataclass(frozen=True)
class Portal:
    """A database and a data folder, used through processes."""

    url: str
    folder: Path

    def start(self, *command: str, **more: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, *command], cwd=django_settings.BASE_DIR, text=True,
            env=process_environment(self.url, self.folder) | more,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *command: str, **more: str) -> Answer:
        process = self.start(*command, **more)
        out, err = process.communicate()
        return Answer(process.returncode, out, err)

    def manage(self, *arguments: object, **more: str) -> Answer:
        return self.run("manage.py", *map(str, arguments), **more)

    def must(self, *arguments: object) -> str:
        answer = self.manage(*arguments)
        assert answer.code == 0, answer.err
        return answer.out

    def acts(self, *actions: object) -> list:
        """Several actions of ``portal.py`` in one process; their results."""
        answer = self.run("-m", "tests.kit.operations.portal", *map(str, actions))
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    def connect(self):
        if self.url.startswith("sqlite"):
            return closing(sqlite3.connect(self.folder / "portal.sqlite3"))
        return closing(psycopg2.connect(self.url))

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table, of sessions and migrations too."""
        with self.connect() as opened:
            cursor = opened.cursor()
            if self.url.startswith("sqlite"):
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            else:
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = sorted(name for (name,) in cursor.fetchall())
            found = {}
            for table in tables:
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(repr([_cell(value) for value in row]) for row in cursor.fetchall())
        return found

    def files(self) -> dict[str, bytes]:
        root = self.folder / "files"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def wipe(self) -> None:
        """No table and no file is left."""
        if not self.url.startswith("sqlite"):
            with self.connect() as opened, opened.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                opened.commit()
        shutil.rmtree(self.folder)
        self.folder.mkdir()


def without_migrations(contents: dict[str, list[str]]) -> dict[str, list[str]]:
    """Rows that a restore brings back: not when migrations were applied, nor what backups leave out."""
    its_own = {"django_migrations", *(apps.get_model(label)._meta.db_table for label in django_settings.BACKUP_WITHOUT)}
    return {table: rows for table, rows in contents.items() if table not in its_own}


def _cell(value):
    """The keys of a JSON object have no order."""
    if isinstance(value, str) and value[:1] == "{":
        return json.dumps(json.loads(value), sort_keys=True)
    return value


class Databases:
    """Databases that are gone at the end."""

    def __init__(self, unblock):
        self.unblock, self.made = unblock, []
        self.configured = connections.settings["default"]
        self.here = "sqlite" if self.configured["ENGINE"].endswith("sqlite3") else "postgresql"

    def execute(self, statement: str) -> None:
        with self.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    def portal(self, folder: Path, kind: str, copy_of: Portal | None = None) -> Portal:
        if copy_of:
            shutil.copytree(copy_of.folder, folder)
        else:
            folder.mkdir()
        if kind == "sqlite":
            return Portal(f"sqlite:///{folder / 'portal.sqlite3'}", folder)
        name = f"operations_{uuid.uuid4().hex[:12]}"
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{copy_of.url.split("/")[-1]}"' if copy_of else ""))
        self.made.append(name)
        user, password = self.configured["USER"], self.configured["PASSWORD"]
        place = f"{self.configured['HOST']}:{self.configured['PORT'] or 5432}"
        return Portal(f"postgres://{user}{f':{password}' if password else ''}@{place}/{name}", folder)

    def drop(self) -> None:
        for name in self.made:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def databases(django_db_setup, django_db_blocker):
    made = Databases(django_db_blocker.unblock)
    yield made
    made.drop()


@dataclass(frozen=True)
class History:
    """A portal with a random history on SQLite, a backup of it, and its answers to 200 random questions."""

    portal: Portal
    archive: Path
    answers: list[dict]


@pytest.fixture(scope="session")
def history(databases, tmp_path_factory) -> History:
    filled = databases.portal(tmp_path_factory.mktemp("history") / "portal", "sqlite")
    filled.must("migrate", "--verbosity=0")
    archive = filled.folder.parent / "history.zip"
    [_filled, _made, answers] = filled.acts("fill:3,250", f"backup:{archive}", "answers:1,200")
    return History(filled, archive, answers)


@pytest.fixture(scope="session")
def restored(databases, history, tmp_path_factory) -> Portal:
    """That history, restored to the kind of database that the tests run on. Only to be looked at, and copied."""
    portal = databases.portal(tmp_path_factory.mktemp("restored") / "portal", databases.here)
    portal.must("restore", history.archive)
    return portal


@pytest.fixture
def bare(databases, tmp_path) -> Callable[..., Portal]:
    """Makes portals without a table: of the kind that the tests run on, or ``bare("sqlite")``."""
    return lambda kind=databases.here: databases.portal(tmp_path / uuid.uuid4().hex[:6], kind)


@pytest.fixture
def city(databases, restored, tmp_path) -> Portal:
    """A portal with a history, to do with as one likes."""
    return databases.portal(tmp_path / "city", databases.here, copy_of=restored)
