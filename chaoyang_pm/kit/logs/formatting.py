"""A line per event: JSON where machines read it, plain while developing."""

import datetime
import logging
import traceback
from typing import Any

from pythonjsonlogger.orjson import OrjsonFormatter

from chaoyang_pm.kit.logs.context import bound
from chaoyang_pm.kit.logs.masking import masked, masked_traceback

#: What our own records carry besides their text. Anything else is dropped: a request, say, shows its address.
FIELDS = ("method", "route", "status", "ms", "user", "job", "kind")


class JsonLine(OrjsonFormatter):
    """``{"time", "level", "logger", "message", "request", …}``; nothing but the message and known fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(_text(record)),
            **bound(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = masked_traceback("".join(traceback.format_exception(*record.exc_info)))
        return self.jsonify_log_record(line)


class PlainLine(logging.Formatter):
    """For a terminal, with everything; only while developing."""

    def format(self, record: logging.LogRecord) -> str:
        more = bound() | {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        shown = " ".join(f"{name}={value}" for name, value in more.items())
        return f"{super().format(record)} {shown}".rstrip()


class OncePerRequest(logging.Filter):
    """Django's own word on a request: only unhandled errors, and without the address. The rest is in our line."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = "Unhandled error", ()
        return bool(record.exc_info)


def _text(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a record that does not fit its text must not stop what is being logged
        return str(record.msg)
