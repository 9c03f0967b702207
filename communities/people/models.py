"""Accounts. Roles and scopes join with appointments; until then a user is bureau staff or administrator."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """账号: a person who logs in; ``is_superuser`` is the administrator 系统管理员, anybody else bureau staff."""

    first_name = None
    last_name = None
    display_name = models.CharField(_("Name"), max_length=60, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("User")
        verbose_name_plural = _("Users")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name or self.username
