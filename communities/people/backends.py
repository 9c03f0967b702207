from typing import Any

from django.contrib.auth.backends import ModelBackend


class AccountBackend(ModelBackend):
    """Log-in name and password. Rights come from the permission matrix; Django's own permissions are not used."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
