"""The tokens' part in backups: a restored one may have been revoked since."""

from chaoyang_pm.kit.operations.keepers import Keeper
from communities.tokens import services
from communities.tokens.selectors import live_tokens


class TokensKeeper(Keeper):
    name = "tokens"

    def live_keys(self) -> int:
        return live_tokens().count()

    def end_keys(self) -> int:
        return services.end_all()
