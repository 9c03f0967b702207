"""Text messages: the class to derive a city's own gateway from, and one that only writes to the log."""

import logging

from chaoyang_pm.kit.figures import masked

log = logging.getLogger(__name__)


class Gateway:
    """What sends a text message. An own one lies on the Python path, is derived from this, and is named by
    ``CHAOYANG_PM_SMS``; its settings come from the environment. An object is made for each message.
    """

    def send(self, *, phone: str, text: str, key: str) -> None:
        """Hand over one message and return once it is taken.

        Raises ``channels.Refused`` for what will never be taken (a number that does not exist), anything else where a
        later attempt may succeed. ``key`` is the same at every attempt of one message.
        """
        raise NotImplementedError  # each gateway sends its own way


class Console(Gateway):
    """For trials: a line in the log, with the telephone masked."""

    def send(self, *, phone: str, text: str, key: str) -> None:
        log.info("Text message %s to %s: %s", key, masked(phone), text)
