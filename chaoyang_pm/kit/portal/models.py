"""What this database says about itself: whether it is a demonstration, and its business date if that is fixed."""

from django.db import models
from django.db.models import Q


class Portal(models.Model):
    """One row at most. Without it the database is no demonstration, and its business date is today."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField(default=False)
    business_date = models.DateField(null=True)
    #: Log-in names of the accounts that the demonstration made.
    demo_accounts = models.JSONField(default=list)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="portal_is_one")]

    def __str__(self) -> str:
        return "demo" if self.is_demo else "portal"
