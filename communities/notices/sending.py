"""Sends what waits. Every message is taken by one conditional update, sent, and then written down as sent.

A worker that dies in between holds it for a while only; whoever takes it then sends it with the same key.
"""

import datetime
import logging
import smtplib
from collections import Counter
from collections.abc import Callable

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from communities.notices.channels import CHANNELS, Refused, codes_on
from communities.notices.choices import OPEN, MessageState
from communities.notices.letters import compose
from communities.notices.models import Message

log = logging.getLogger(__name__)

#: For so long a message is its worker's; sending takes seconds.
HELD = datetime.timedelta(minutes=10)
#: After a failure a minute, then twice as long each time, up to some hours.
FIRST_PAUSE, LONGEST_PAUSE = datetime.timedelta(minutes=1), datetime.timedelta(hours=4)
#: What could not be sent for so long is no news any more; in the portal it stands all the same.
GIVEN_UP_AFTER = datetime.timedelta(days=3)
#: So many failures in a row are the channel's, not the messages'.
FAILURES = 3
AT_A_TIME = 100


def is_anything_due() -> bool:
    return _due(codes_on()).exists()


def send_due(advance: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Send everything that is due; how many by what became of them. ``advance`` is called between two messages."""
    found: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    while True:
        codes = [code for code in codes_on() if failures[code] < FAILURES]
        batch = list(_due(codes).order_by("next_at", "pk").values_list("pk", "channel")[:AT_A_TIME])
        if not batch:
            return found
        for pk, channel in batch:
            if failures[channel] >= FAILURES:
                continue
            advance(found.total())
            message = _take(pk)
            if message is None:
                continue
            state = _send(message)
            found[state] += 1
            failures[channel] = failures[channel] + 1 if state == MessageState.WAITING else 0
            if failures[channel] == FAILURES:
                _put_off(channel)


def _due(channels: list[str]) -> QuerySet[Message]:
    return Message.objects.filter(state__in=OPEN, channel__in=channels, next_at__lte=timezone.now())


def _take(pk: int) -> Message | None:
    """Of several workers one gets it. While it is being sent ``next_at`` is when it would be taken from its worker."""
    now = timezone.now()
    open_ = Message.objects.filter(pk=pk, state__in=OPEN, next_at__lte=now)
    if not open_.update(state=MessageState.SENDING, next_at=now + HELD, attempts=F("attempts") + 1):
        return None
    return Message.objects.select_related("user", "notice").get(pk=pk)


def _send(message: Message) -> MessageState:
    channel = CHANNELS[message.channel]
    to = channel.address(message.user)
    if message.notice and message.notice.read_at:
        return _end(message, MessageState.LEFT, "read before")
    if not to or not message.user.is_active:
        return _end(message, MessageState.LEFT, "no address" if not to else "account disabled")
    try:
        channel.send(to=to, letter=compose(message), key=message.key)
    except Refused as refused:
        return _end(message, MessageState.GIVEN_UP, str(refused))
    except Exception as error:  # whatever a channel raises: the row stands, and is tried again
        return _later(message, error)
    # Also where another worker has taken it meanwhile: it was sent.
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, sent_at=timezone.now(), problem="")
    return MessageState.SENT


def _later(message: Message, error: Exception) -> MessageState:
    problem = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        problem = f"{problem} {error.smtp_code}"
    log.warning("Message %s could not be sent by %s: %s", message.pk, message.channel, problem)
    now = timezone.now()
    if now - message.created_at > GIVEN_UP_AFTER:
        return _end(message, MessageState.GIVEN_UP, problem)
    pause = min(FIRST_PAUSE * 2 ** min(message.attempts - 1, 10), LONGEST_PAUSE)
    return _end(message, MessageState.WAITING, problem, next_at=now + pause)


def _end(message: Message, state: MessageState, problem: str, **more: datetime.datetime) -> MessageState:
    """Only as long as the message is this worker's: what another one has taken is that one's to end."""
    mine = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, attempts=message.attempts)
    mine.update(state=state, problem=problem[:200], **more)
    return state


def _put_off(channel: str) -> None:
    """A channel that is away is left alone for a while, so that the others do not wait for it."""
    later = timezone.now() + FIRST_PAUSE
    Message.objects.filter(Q(next_at__lt=later), state=MessageState.WAITING, channel=channel).update(next_at=later)


def leave_everything() -> int:
    """What waits is not sent any more: of a restored backup it may have been sent since."""
    waiting = Message.objects.filter(state__in=OPEN)
    return waiting.update(state=MessageState.LEFT, problem="restored from a backup")
