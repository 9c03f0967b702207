"""两步验证: a code from an application on the phone beside the password, for staff of the city who want it (RFC 6238).

Wrong codes are slowed down by the device itself: 1, 2, 4 … seconds. A code works once.
"""

import base64
from urllib.parse import quote, urlencode

import qrcode
from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from chaoyang_pm.kit.permissions import require
from communities.people.models import User


class CodeRefused(Exception):
    """The code (or the password beside it) does not do; str() says why and what to do."""


def pending(user: User) -> TOTPDevice | None:
    """A key that was shown and is not confirmed yet."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


@transaction.atomic
def begin(*, user: User) -> TOTPDevice:
    """A new key to be scanned; it counts once a code from the phone has confirmed it."""
    require(user.may("people.second_factor"))
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name=user.username, confirmed=False)


def confirm(*, user: User, code: str) -> TOTPDevice:
    """From now on the log-in asks for a code. Raises CodeRefused."""
    require(user.may("people.second_factor"))
    device = _checked(user, code, confirmed=False)
    with transaction.atomic(), set_actor(user):
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        user.second_factor_since = timezone.now()
        user.save(update_fields=["second_factor_since"])
    device.confirmed = True
    return device


def check(*, user: User, code: str) -> TOTPDevice:
    """The device that the code of a log-in came from. Raises CodeRefused."""
    return _checked(user, code, confirmed=True)


def remove(*, user: User, password: str, code: str) -> None:
    """Log in with the password alone again: takes the password and a code. Raises CodeRefused."""
    _checked(user, code, confirmed=True, password=password)
    with transaction.atomic(), set_actor(user):
        TOTPDevice.objects.filter(user=user).delete()
        user.second_factor_since = None
        user.save(update_fields=["second_factor_since"])


def _checked(user: User, code: str, *, confirmed: bool, password: str | None = None) -> TOTPDevice:
    # The row is locked, so that of two requests with one code one finds it used; a failure is kept, not rolled back.
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=confirmed).first()
        if device is None:
            refusal = _("There is no key for codes; ask the system administrator to reset your account.")
        else:
            refusal = _refusal(device, user, code, password)
    if refusal or device is None:
        raise CodeRefused(refusal)
    return device


def _refusal(device: TOTPDevice, user: User, code: str, password: str | None) -> str:
    allowed, data = device.verify_is_allowed()
    if not allowed:
        until = timezone.localtime(data["locked_until"]).strftime("%H:%M:%S")
        return _("Too many wrong codes one after another; try again after %(time)s.") % {"time": until}
    if password is not None and not user.check_password(password):
        device.throttle_increment()
        return _("The password is wrong.")
    if not device.verify_token(code):
        return _("The code is wrong or was used already. Wait for the next one; the phone's clock has to be right.")
    return ""


def key_text(device: TOTPDevice) -> str:
    """The key in groups of four, to be typed in where nothing can be scanned."""
    key = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


def key_uri(device: TOTPDevice) -> str:
    """What the application on the phone scans."""
    issuer = _("Property management portal")
    facts = {"secret": key_text(device).replace(" ", ""), "issuer": issuer}
    return f"otpauth://totp/{quote(f'{issuer}:{device.user.username}')}?{urlencode(facts, quote_via=quote)}"


def qr_path(device: TOTPDevice) -> tuple[int, str]:
    """Side and path of the QR code for an SVG: the page draws it, no picture is stored or sent elsewhere."""
    code = qrcode.QRCode(border=4)
    code.add_data(key_uri(device))
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return len(rows), path
