"""Pages by key: a page begins after the last row of the one before, so it costs the same however far it is.

The key is signed and holds the list and its parameters, so that it opens no other list.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.core import signing
from django.utils.translation import gettext as _

from chaoyang_pm.kit.problems import bad

FIELD = "page"
_SALT = "kit.api.page"


def key_of(listing: str, parameters: Mapping[str, str], last: Any) -> str:
    """The key of the page after the row whose sort key is ``last``."""
    return signing.Signer(salt=_SALT).sign_object([_digest(listing, parameters), last])


def open_key(key: str, listing: str, parameters: Mapping[str, str]) -> Any:
    """The sort key after which the page begins. Raises BadQuestion for a key that was not given out for this list."""
    try:
        digest, last = signing.Signer(salt=_SALT).unsign_object(key)
    except (signing.BadSignature, ValueError, TypeError):
        message = _("This is no page key; take it from “next” of an answer, or leave it out for the first page.")
        raise bad(FIELD, key, message) from None
    if digest != _digest(listing, parameters):
        message = _("This page key belongs to another list or to other parameters; begin with the first page.")
        raise bad(FIELD, key, message)
    return last


def _digest(listing: str, parameters: Mapping[str, str]) -> str:
    given = sorted((name, value) for name, value in parameters.items() if value)
    return hashlib.blake2b(orjson.dumps([listing, given]), digest_size=12).hexdigest()
