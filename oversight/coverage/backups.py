"""Roll-ups are left out of backups: they follow from the ledger, and are made anew from the restored one."""

from chaoyang_pm.kit.operations.keepers import Keeper
from oversight.coverage import services


class RollUpKeeper(Keeper):
    name = "rollups"

    def restored(self) -> None:
        services.rebuild()
