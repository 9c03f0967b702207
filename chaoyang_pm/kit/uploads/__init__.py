"""Uploaded files: recognised by content, checked, images written anew, originals kept untouched, served under guard.

``keep`` is the way in, ``serving.file_response`` the way out, ``Store`` the folder in between.
"""

from chaoyang_pm.kit.uploads.formats import Format
from chaoyang_pm.kit.uploads.limits import PHOTO, SCAN, Accepts
from chaoyang_pm.kit.uploads.refusals import FileTooLarge, NoSuchFormat, StorageFull, UploadRefused
from chaoyang_pm.kit.uploads.store import Store
from chaoyang_pm.kit.uploads.taking import Taken, check, keep, sha256_of, take

__all__ = [
    "PHOTO", "SCAN", "Accepts", "FileTooLarge", "Format", "NoSuchFormat", "StorageFull", "Store", "Taken",
    "UploadRefused", "check", "keep", "sha256_of", "take",
]  # fmt: skip
