"""Kept files on their way out: never as anything that runs, never into a shared cache, only after the view's checks."""

import logging
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

from chaoyang_pm.kit.uploads.formats import Format
from chaoyang_pm.kit.uploads.names import download_name

log = logging.getLogger(__name__)


def file_response(
    request: HttpRequest, path: Path, *, kind: Format, name: str, original: bool = False
) -> HttpResponseBase:
    """A file of a store. Pictures open in the page, PDFs and originals are downloads; 304 where the reader has it.

    Browsers keep what is shown but ask each time, so that whoever lost the right to it no longer gets it; originals
    are kept nowhere.
    """
    # A random name stands for one content for ever.
    etag = quote_etag(path.stem)
    response: HttpResponseBase | None = None if original else get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = FileResponse(path.open("rb"), content_type=kind.content_type)
        except FileNotFoundError:
            log.error("The file %s is missing in %s.", path.name, path.parent)
            raise Http404 from None
        as_download = original or kind == Format.PDF
        disposition = content_disposition_header(as_download, download_name(name, kind))
        response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store" if original else "private, no-cache"
    if not original:
        response["ETag"] = etag
    return response
