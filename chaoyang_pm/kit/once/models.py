from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact


class KeptAnswer(models.Model):
    """What became of a request with a key of its client's own; written in the transaction of what it did.

    ``status`` is 0 within that transaction only. ``digest`` is the SHA-256 of what was sent, in hex.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    #: JSON as text: the database's own type would bring it back in another order.
    answer = models.TextField(default="{}")
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="answer_once_per_key"),
            models.CheckConstraint(condition=~Q(key=""), name="answer_has_a_key"),
            models.CheckConstraint(condition=Q(Exact(Length("digest"), 64)), name="answer_digest_is_sha256"),
            models.CheckConstraint(
                condition=Q(status=0) | Q(status__gte=200, status__lt=300), name="answer_is_a_success"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
