"""The ledger's part in backups: its newest version as an anchor, and the proof after a restore."""

from typing import Any

from django.apps.registry import Apps
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from chaoyang_pm.kit.operations.keepers import Comparison, Keeper
from compounds.ledger.models import EMPTY_HASH
from compounds.ledger.verify import verify


class LedgerKeeper(Keeper):
    name = "ledger"
    journals = ("anchors.log",)

    def holdings(self, apps: Apps, using: str) -> dict[str, int]:
        compounds = apps.get_model("compounds", "Compound")._base_manager.using(using).count()
        return {_("compounds"): compounds, _("ledger versions"): self.facts(apps, using)["height"]}

    def facts(self, apps: Apps, using: str) -> dict[str, Any]:
        """Height, hash and time of the newest entry (not of the head, which could have been changed)."""
        newest = self._entries(apps, using).order_by("height").values("height", "hash", "recorded_at").last()
        if newest is None:
            return {"height": 0, "hash": EMPTY_HASH, "recorded_at": None}
        return newest | {"recorded_at": newest["recorded_at"].isoformat()}

    def summary(self, facts: dict[str, Any]) -> str:
        return f"{facts['height']}:{facts['hash']}"

    def comparison(self, archived: dict[str, Any], apps: Apps, using: str) -> Comparison:
        height, digest = archived.get("height", 0), archived.get("hash", EMPTY_HASH)
        present = self.facts(apps, using)
        common = min(height, present["height"])
        at_height = self._entries(apps, using).filter(height=common).values_list("hash", flat=True).first()
        if common == height and height and at_height != digest:
            return Comparison(
                _("The backup is of another ledger: version %(height)s has another checksum there.")
                % {"height": height}
            )
        if height >= present["height"]:
            return Comparison()
        return Comparison(
            _(
                "The backup is older than the ledger: it ends at version %(theirs)s (recorded %(when)s), the ledger at "
                "%(ours)s. %(lost)s versions recorded since then would be lost."
            )
            % {
                "theirs": height, "ours": present["height"], "lost": present["height"] - height,
                "when": _shown(archived.get("recorded_at")),
            }
        )  # fmt: skip

    def findings(self, archived: dict[str, Any]) -> list[str]:
        height, digest = archived.get("height", 0), archived.get("hash", EMPTY_HASH)
        report = verify(anchor=(height, digest))
        found = [f"{finding['height'] or ''} {finding['problem']}".strip() for finding in report.findings]
        if report.height != height:
            found.append(
                _("The ledger ends at another version than the backup: %(height)s.") % {"height": report.height}
            )
        return found

    @staticmethod
    def _entries(apps: Apps, using: str):
        return apps.get_model("compounds", "Entry")._base_manager.using(using)


def _shown(text: str | None) -> str:
    moment = parse_datetime(text) if text else None
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else "—"
