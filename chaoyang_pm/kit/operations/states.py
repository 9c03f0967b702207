"""Which migrations a database has, and which tables and columns that means.

Rows are read and written by the models as they were at that migration state, so that a new release can back up a
database that it has not migrated yet, and restore what an older release has written.
"""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.problems import Refusal

Node = tuple[str, str]


@dataclass(frozen=True)
class State:
    """Migrations that were applied, with the models that they add up to."""

    loader: MigrationLoader
    applied: frozenset[Node]

    @property
    def as_json(self) -> dict[str, list[str]]:
        """Names of migrations by app."""
        return {
            app: sorted(name for a, name in self.applied if a == app) for app in sorted({a for a, _n in self.applied})
        }

    @cached_property
    def targets(self) -> list[Node]:
        """The newest migrations of each app: migrating to these gives this state."""
        parents = {
            parent.key
            for node in self.applied
            for parent in self.loader.graph.node_map[node].parents
            if parent.key[0] == node[0]
        }
        return sorted(self.applied - parents)

    @cached_property
    def apps(self):
        return self.loader.project_state(self.targets, at_end=True).apps

    @cached_property
    def missing(self) -> list[Node]:
        """Migrations of this release that are not applied."""
        return sorted(set(self.loader.graph.nodes) - self.applied)

    def tables(self) -> list[type[models.Model]]:
        """Models whose rows a backup holds, by name of table."""
        found = [
            model
            for model in self.apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy and model._meta.label not in settings.BACKUP_WITHOUT
        ]
        return sorted(found, key=lambda model: model._meta.db_table)


def of_database(using: str) -> State:
    """The state of a database. Raises Refusal if a newer release has migrated it."""
    loader = MigrationLoader(connections[using], ignore_no_migrations=True)
    applied = {node for node in loader.applied_migrations if node[0] in loader.migrated_apps}
    _refuse_unknown(
        applied - set(loader.graph.nodes),
        _("The database was migrated by a newer release (%(names)s). Install that release, or restore a backup."),
    )
    return State(loader, frozenset(applied))


def of_manifest(manifest: dict, using: str) -> State:
    """The state that a backup was made in. Raises Refusal if this release does not know all of its migrations."""
    loader = MigrationLoader(connections[using], ignore_no_migrations=True)
    applied = {(app, name) for app, names in manifest["migrations"].items() for name in names}
    _refuse_unknown(
        applied - set(loader.graph.nodes),
        _("The backup was made by a newer release (%(names)s). Install that release, then restore."),
    )
    return State(loader, frozenset(applied))


def _refuse_unknown(unknown: set[Node], text: str) -> None:
    if unknown:
        raise Refusal(text % {"names": ", ".join(f"{app}.{name}" for app, name in sorted(unknown))})
