"""How uploads reach the portal: spooled to the disk, refused as a whole when too large, a full disk explained."""

import io
from collections.abc import Callable
from contextlib import suppress

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chaoyang_pm.kit.api import problems
from chaoyang_pm.kit.uploads.limits import MAX_DRAINED, MAX_REQUEST, MIB
from chaoyang_pm.kit.uploads.refusals import full_message, is_full


class FailedUpload(UploadedFile):
    """What is left of a file that could not be spooled: its name, and why."""

    def __init__(self, name: str, failure: str):
        super().__init__(io.BytesIO(), name, size=0)
        self.failure = failure


class SpoolHandler(TemporaryFileUploadHandler):
    """Django's handler, except that a full disk becomes an answer at the form instead of an error page."""

    failed = False

    def new_file(self, *args, **kwargs):
        self.failed = False
        self._guarded(super().new_file, *args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        if not self.failed:
            self._guarded(super().receive_data_chunk, raw_data, start)

    def file_complete(self, file_size):
        done = None if self.failed else self._guarded(super().file_complete, file_size)
        return FailedUpload(self.file_name or "", full_message()) if self.failed else done

    def _guarded(self, step: Callable, *args, **kwargs):
        try:
            return step(*args, **kwargs)
        except OSError as error:
            if not is_full(error):
                raise
            self.failed = True
            if spooled := getattr(self, "file", None):
                with suppress(OSError):  # what is still in memory has no room either; the file goes all the same
                    spooled.close()
            return None


class TooLarge:
    """Middleware: a request larger than all that is accepted gets a page that says so, and nothing of it is stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length <= MAX_REQUEST:
            return self.get_response(request)
        drained = 0
        # A browser that is still sending does not look at an answer: the rest is read and thrown away.
        while drained < MAX_DRAINED and (chunk := request.read(256 * 1024)):
            drained += len(chunk)
        if problems.is_api(request):
            return problems.problem(request, 413)
        sizes = {"size": length // MIB, "most": MAX_REQUEST // MIB, "back": request.path}
        return render(request, "too_large.html", sizes, status=413)
