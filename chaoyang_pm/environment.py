"""Variables of the environment, each read by a function that says what it expected instead of guessing."""

import datetime
import os
import re
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from chaoyang_pm.kit.secrets import kept_secret

env = environ.Env()


def flag(name):
    """A variable that is 1 or 0; anything else stops the start and names it."""
    text = env.str(name, default="0").strip().lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name}: expected 1 or 0, not {text!r}")
    return text in {"1", "true", "yes", "on"}


def day(name):
    """A variable that is an ISO date, or None where it is not set."""
    text = env.str(name, default="")
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: expected a date such as 2015-10-31, not {text!r}") from error


def choice(name, choices, default):
    """A variable that is one of some words."""
    text = env.str(name, default="").strip().upper() or default
    if text not in choices:
        raise ImproperlyConfigured(f"{name}: expected one of {', '.join(choices)}, not {text!r}")
    return text


def folder(name, default):
    """A variable that names a folder that we can write in; made if it is not there."""
    path = Path(env.str(name, default="") or default).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: expected a folder, not {path}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"{name}: expected a folder that this user may write in; {path} is not")
    return path


def secret(name, default):
    """A variable that nobody can guess; made and kept where it is not set."""
    text = env.str(name, default="")
    if text and (len(text) < 40 or len(set(text)) < 10):
        raise ImproperlyConfigured(f"{name}: expected at least 40 random characters")
    return text or kept_secret(default)


def hosts(name, default):
    """A variable that lists names or addresses of hosts, a leading dot for all below a domain."""
    found = [host.strip() for host in env.list(name, default=[]) if host.strip()] or default
    for host in found:
        if not re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]", host):
            raise ImproperlyConfigured(
                f"{name}: expected names such as portal.example.cn without https://, not {host!r}"
            )
    return found


def origins(name):
    """A variable that lists addresses of sites."""
    found = [origin.strip() for origin in env.list(name, default=[]) if origin.strip()]
    for origin in found:
        if not re.fullmatch(r"https?://[A-Za-z0-9.*-]+(:\d{1,5})?", origin):
            raise ImproperlyConfigured(f"{name}: expected addresses such as https://portal.example.cn, not {origin!r}")
    return found


def database(name, default):
    """A variable that is the address of a SQLite or PostgreSQL database."""
    url = env.str(name, default="") or default
    expected = f"{name}: expected postgres://user:password@host/name or sqlite:////path"  # never the value: a password
    if not url.startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ImproperlyConfigured(expected)
    try:
        found = env.db_url_config(url)
        port = int(found.get("PORT") or 0)
    except (ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(expected) from error
    if not found["NAME"] or not 0 <= port < 65536:
        raise ImproperlyConfigured(expected)
    return found


def redis(name):
    """A variable that is the address of a Redis server, or empty."""
    url = env.str(name, default="")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("redis", "rediss") and parts.hostname and (parts.port or 6379) < 65536
        usable = usable and re.fullmatch(r"/?\d*", parts.path)
    except ValueError:
        usable = False
    if url and not usable:
        raise ImproperlyConfigured(f"{name}: expected redis://:password@host:6379/0 or rediss://…")
    return url


def mail(name):
    """A variable that is the address of a mail server, as Django's settings have it; without it there is none."""
    url = env.str(name, default="")
    expected = f"{name}: expected smtp+tls://user:password@host:587, smtp+ssl://…:465 or smtp://host:25"
    try:
        parts = urlsplit(url)
        usable = not url or (parts.scheme in ("smtp", "smtp+tls", "smtp+ssl") and parts.hostname and parts.port)
        usable = usable and parts.path in ("", "/") and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise ImproperlyConfigured(expected)
    found = env.email_url_config(url) if url else {}
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "USE_SSL")
    blank = {"PORT": 25, "USE_TLS": False, "USE_SSL": False}
    return {f"EMAIL_{each}": found.get(f"EMAIL_{each}") or blank.get(each, "") for each in names}


def sender(name, needed):
    """A variable that is whom e-mails come from: an address, or a name and an address."""
    text = env.str(name, default="").strip()
    address = parseaddr(text)[1]
    if (text or needed) and not re.fullmatch(r"[\w.+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        raise ImproperlyConfigured(f"{name}: expected a sender such as Portal <portal@example.cn>, not {text!r}")
    return text


def address(name):
    """A variable that is the address by which people reach the portal, without what follows the host."""
    text = env.str(name, default="").strip().rstrip("/")
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", text):
        raise ImproperlyConfigured(f"{name}: expected an address such as https://portal.example.cn, not {text!r}")
    return text


def plug(name):
    """A variable that names a class; whether there is one is seen once programs are loaded."""
    text = env.str(name, default="").strip()
    if text and not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", text):
        raise ImproperlyConfigured(f"{name}: expected a class such as communities.notices.sms.Console, not {text!r}")
    return text


def number(name, default):
    """A variable that is a number above 0."""
    text = env.str(name, default="") or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1_000_000:
        raise ImproperlyConfigured(f"{name}: expected a number above 0, not {text!r}")
    return value
