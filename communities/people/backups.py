"""The people room's part in backups: a database with accounts is in use."""

from django.apps.registry import Apps
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.keepers import Keeper


class PeopleKeeper(Keeper):
    name = "accounts"

    def holdings(self, apps: Apps, using: str) -> dict[str, int]:
        return {_("accounts"): apps.get_model("communities", "User")._base_manager.using(using).count()}
