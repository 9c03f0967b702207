"""Endpoints: who may, which parameters, which format, whether anything changed; the rest is a room's declaration.

Who comes is decided by the authentication classes, and what they may by the permission matrix (``user.may(action)``)
and ``user.scope``. Of a token's owner both are already narrowed to what the token is for, so that an
endpoint asks the same of everybody.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.request import RawPostDataException
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.http import parse_etags
from django.utils.translation import get_language
from rest_framework.exceptions import NotAuthenticated
from rest_framework.views import APIView

from chaoyang_pm.kit.api import formats, paging, parameters
from chaoyang_pm.kit.api.formats import CSV, JSON, XLSX, Table
from chaoyang_pm.kit.api.parameters import Parameter
from chaoyang_pm.kit.api.schema import Schema
from chaoyang_pm.kit.permissions import Decision, require

FORMAT = Parameter(
    "format", "Form of the answer; else the Accept header decides. 格式", "json",
    parameters.words([JSON, CSV, XLSX]),
)  # fmt: skip
PAGE = Parameter("page", "Key of a page, from `next` of the page before. Opaque. 页码键", "")
DEFAULT_PAGE, MOST_PER_PAGE = 100, 1000
#: Bytes of a refused body that are read and thrown away.
MOST_DRAINED = 32 * 1024 * 1024
PAGE_SIZE = Parameter(
    "page_size", "Rows per page. 每页行数", DEFAULT_PAGE,
    (("type", "integer"), ("minimum", 1), ("maximum", MOST_PER_PAGE), ("default", DEFAULT_PAGE)),
)  # fmt: skip


class Endpoint(APIView):
    """One address of the API. A room's endpoint says what it needs and gives ``answer()``."""

    #: What the reader does here, in the words of the permission matrix, and what whoever sends something does.
    action: str
    write_action: str
    #: Query parameters besides ``format``.
    parameters: tuple[Parameter, ...] = ()
    formats: tuple[str, ...] = (JSON, CSV, XLSX)
    metadata_class = None
    schema = Schema()

    # --- how the API's description shows it (kit.api.schema) -------------------------------------------
    summary: str
    result: Any
    result_more: Any = None
    example: Any = None
    path_parameters: dict[str, dict[str, Any]] = {}
    write_headers: tuple[dict[str, Any], ...] = ()

    def initial(self, request, *args, **kwargs):
        """Who, how often, may, and what: in this order, so that a stranger learns nothing but 401."""
        self.perform_authentication(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        self.check_throttles(request)
        if self._is_possible(request):
            reads = request.method in ("GET", "HEAD")
            require(self.may_read(request.user) if reads else self.may_write(request.user))
            if any(not isinstance(value, str) or "\0" in value for value in kwargs.values()):
                raise Http404
            self.asked = parameters.read(request._request, self.known if reads else (FORMAT,))
            self.choose_format(self.formats if reads else (JSON,))

    def may_read(self, user) -> Decision:
        return user.may(self.action)

    def may_write(self, user) -> Decision:
        """Whether the reader may do this at all; about which row is asked where it is known."""
        return user.may(self.write_action)

    def choose_format(self, possible: tuple[str, ...]) -> None:
        self.form = formats.asked(self.request._request, self.asked.pop("format"), possible)

    def _is_possible(self, request) -> bool:
        return request.method != "OPTIONS" and request.method in self.allowed_methods

    @property
    def known(self) -> tuple[Parameter, ...]:
        return (*self.parameters, FORMAT)

    # --- reading -------------------------------------------------------------------------------------
    def get(self, request, *args, **kwargs) -> HttpResponseBase:
        tag = self.tag
        if tag and tag in map(_weak, parse_etags(request.headers.get("If-None-Match", ""))):
            response: HttpResponseBase = HttpResponse(status=304)
        else:
            response = self.answer()
        if tag and response.status_code in (200, 304):
            response["ETag"] = tag
        return response

    def answer(self) -> HttpResponseBase:
        raise NotImplementedError  # a room declares it

    def depends_on(self) -> Sequence[Any] | None:
        """All that an answer depends on besides the address, the reader's scope, language and format, and the release.

        Read before the answer is made: an answer may be newer than its tag, never older. None: no tag.
        """
        return None

    @cached_property
    def tag(self) -> str:
        """The ETag; weak, because a workbook holds its time of making. "" where the answer has none."""
        state = self.depends_on()
        if state is None:
            return ""
        scope = self.request.user.scope
        parts = [
            settings.RELEASE, self.request.path, sorted(self.asked.items()), self.form, get_language(),
            scope.everything, scope.codes, *state,
        ]  # fmt: skip
        return f'W/"{hashlib.blake2b(orjson.dumps(parts, default=str), digest_size=16).hexdigest()}"'

    def finalize_response(self, request, response, *args, **kwargs):
        """Answers are one reader's, and asked about each time: an ETag makes that cheap."""
        patch_vary_headers(response, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if response.status_code == 405:
            response["Allow"] = ", ".join(self.allowed_methods)
        if response.status_code >= 400:
            _read_to_the_end(request)
        return response


class ObjectEndpoint(Endpoint):
    """One object: ``data()`` for JSON, ``table()`` of it for CSV and xlsx."""

    def data(self) -> Any:
        raise NotImplementedError  # a room declares it

    def table(self, data: Any) -> Table:
        raise NotImplementedError  # a room declares it

    @property
    def file_name(self) -> str:
        return self.request.resolver_match.url_name

    def answer(self) -> HttpResponseBase:
        data = self.data()
        return (
            formats.as_json(data)
            if self.form == JSON
            else formats.as_table(self.table(data), self.form, self.file_name)
        )


class FileEndpoint(Endpoint):
    """A kept file as it is; ``media_types`` are those that it may have."""

    media_types: tuple[str, ...]
    example = None

    @property
    def known(self) -> tuple[Parameter, ...]:
        return self.parameters

    def choose_format(self, possible: tuple[str, ...]) -> None:
        """A file has the format in which it was kept, whatever the header prefers."""


class ListEndpoint(Endpoint):
    """A list by key: ``{results, next}`` as JSON; the whole list, from the page asked for, as CSV or xlsx."""

    #: Columns of CSV and xlsx, in the words of the rows; ``community.code`` is a field within a field.
    columns: tuple[str, ...]
    #: Rows that are read at once for a file.
    chunk = 1000

    def rows(self, after: Any, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` rows after the one with the sort key ``after`` (None: from the first)."""
        raise NotImplementedError  # a room declares it

    def key(self, row: dict[str, Any]) -> Any:
        """The sort key of a row."""
        raise NotImplementedError  # a room declares it

    def pinned(self) -> dict[str, str]:
        """Parameters that the next page is asked with: blanks that mean "now" are replaced by what they meant."""
        return {name: value for name, value in self.asked.items() if value and name != paging.FIELD}

    @property
    def known(self) -> tuple[Parameter, ...]:
        return (*self.parameters, PAGE, PAGE_SIZE, FORMAT)

    @property
    def listing(self) -> tuple[str, dict[str, str]]:
        """What a page key is bound to: the list and its parameters, but not how it is shown."""
        return self.request.path, {k: v for k, v in self.pinned().items() if k != PAGE_SIZE.name}

    @cached_property
    def after(self) -> Any:
        page = self.asked[paging.FIELD]
        return paging.open_key(page, *self.listing) if page else None

    @cached_property
    def size(self) -> int:
        return parameters.whole(
            PAGE_SIZE.name, self.asked[PAGE_SIZE.name], least=1, most=MOST_PER_PAGE, blank=DEFAULT_PAGE
        )

    def answer(self) -> HttpResponseBase:
        if self.form != JSON:
            rows = self._all(self.after)
            # What cannot be answered is said before the file begins.
            table = Table(self.columns, (formats.flat(row, self.columns) for row in _begun(rows)))
            return formats.as_table(table, self.form, self.request.resolver_match.url_name)
        page = self.rows(self.after, self.size + 1)
        following = None
        self.has_more = len(page) > self.size
        if self.has_more:
            page.pop()
            following = self.address_after(self.key(page[-1]))
        return formats.as_json({"results": page, "next": following} | self.more(page))

    def more(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """What an answer says about the list besides its rows."""
        return {}

    def address_after(self, key: Any) -> str:
        """The address of the page after a row, relative to the server."""
        pinned = self.pinned() | {paging.FIELD: paging.key_of(self.listing[0], self.listing[1], key)}
        return f"{self.request.path}?{urlencode(pinned)}"

    def _all(self, after: Any) -> Iterator[dict[str, Any]]:
        while rows := self.rows(after, self.chunk):
            yield from rows
            if len(rows) < self.chunk:
                return
            after = self.key(rows[-1])


def _begun(rows: Iterator[Any]) -> Iterator[Any]:
    """The same rows, the first of them read now."""
    return chain(list(islice(rows, 1)), rows)


def _read_to_the_end(request) -> None:
    """A client that is still sending does not look at the answer: what it sends is read and thrown away."""
    django_request = getattr(request, "_request", request)
    drained = 0
    with suppress(OSError, RawPostDataException):  # it is gone, or there is nothing left to read
        while drained < MOST_DRAINED and (chunk := django_request.read(256 * 1024)):
            drained += len(chunk)


def _weak(tag: str) -> str:
    """Tags are compared weakly (RFC 9110): a front server that compresses changes a strong one, and some drop the W."""
    return tag if tag.startswith("W/") else f"W/{tag}"
