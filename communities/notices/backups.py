"""The notices' part in backups: what a restored one had still to send may have been sent since."""

from chaoyang_pm.kit.operations.keepers import Keeper
from communities.notices import sending


class NoticesKeeper(Keeper):
    name = "notices"

    def settle(self) -> None:
        sending.leave_everything()
