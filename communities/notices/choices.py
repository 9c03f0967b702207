from django.db import models
from django.utils.translation import gettext_lazy as _


class Mail(models.TextChoices):
    """What of a kind goes out by e-mail, besides standing in the portal."""

    NONE = "none", _("In the portal only")
    AT_ONCE = "at_once", _("By e-mail at once")
    DIGEST = "digest", _("In the daily e-mail")


class MessageState(models.TextChoices):
    """How far a message on a channel is."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    LEFT = "left", _("Not sent: no longer needed")
    GIVEN_UP = "given_up", _("Given up")


OPEN = (MessageState.WAITING, MessageState.SENDING)
