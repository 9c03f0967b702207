"""What a backup says about the portal: whether it is a demonstration, and its business date."""

from typing import Any

from django.apps.registry import Apps
from django.conf import settings
from django.utils import timezone

from chaoyang_pm.kit.operations.keepers import Keeper
from chaoyang_pm.kit.portal import selectors


class PortalKeeper(Keeper):
    name = "portal"

    def facts(self, apps: Apps, using: str) -> dict[str, Any]:
        row = None
        if "portal" in apps.all_models["kit"]:  # a database from before demonstrations has no such table
            row = apps.get_model("kit", "Portal")._base_manager.using(using).first()
        today = settings.BUSINESS_DATE or (row and row.business_date) or timezone.localdate()
        return {"is_demo": bool(row and row.is_demo), "business_date": today.isoformat()}

    def findings(self, archived: dict[str, Any]) -> list[str]:
        selectors.forget()
        return []
