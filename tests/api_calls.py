"""Random calls of the API, made from its own description by schemathesis, as clients of every sort.

Half of the calls are as described, half are not. Where a call names a compound, a division, an entry or a date, half of
the time it names one that there is, so that calls come further than to 404. Every answer is held against the
description: no 500, no status, content type, header or body that is not described. What a call writes is taken back.
"""

import datetime
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from communities.divisions.models import Division
from communities.people.models import User
from communities.tokens import services as tokens
from communities.tokens.choices import TokenScope
from compounds.register.models import Compound
from compounds.reports import services as reports
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from tests.support import undone

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
#: What there is in the worked example and around it, by the name of what a call names.
KNOWN: dict[str, list[Any]] = {
    "division": ["2113", "211302", "211302001", "211302003001", "211303", "211399"],
    "parent": ["2113", "211302", "211302003"],
    "new_community": ["211302003001", "211303004001", "211302"],
    "code": ["A", "B", "C", "D", "E", "F"],
    "compound": ["A", "B", "C", "D", "E", "F"],
    "target": ["A", "B", "C"],
    "height": [0, 1, 7, 20, 99],
    "reverses": [6, 14, 20, 21],
    "after": [0, 5, 20],
    "as_of": ["2014-12-31", "2015-06-01", "2014-13-40"],
    "effective_on": ["2014-02-01", "2015-10-01", "2015-12-01"],
    "from": ["2014-01-01", "2014-01", "3"],
    "to": ["2014-12-31", "2015-06", "16"],
    "area_m2": [0.01, 1000, 60000.5, -1],
    "rule": ["standard"],
    "page": [None],  # the first one
}
#: Bodies that come as far as the ledger, each of which refuses some of what is drawn into it.
BODIES: list[dict[str, Any]] = [
    {"kind": "register", "category": "unserved", "mode_to": "none", "area_m2": 10},
    {"kind": "takeover", "mode_to": "professional", "area_m2": 60000},
    {"kind": "takeover", "mode_to": "owners", "category": "abandoned"},
    {"kind": "mode_change", "mode_from": "professional", "mode_to": "community"},
    {"kind": "lapse", "area_m2": 0.5, "households": 1}, {"kind": "provider_change", "provider_to": "乙"},
    {"kind": "reclassify", "new_category": "renovated", "basis_no": "1"},
    {"kind": "resurvey", "category": "abandoned", "mode_from": "none", "area_m2": -1000, "basis_no": "1"},
    {"kind": "relocate", "new_community": "211302003001"}, {"kind": "merge", "target": "A"},
    {"kind": "deregister", "basis_name": "拆除公告"},
    {"kind": "split", "parts": [{"name": "东区", "takes": [{"area_m2": 1000}, {"mode": "professional"}]}]},
    {"kind": "split", "parts": [{"name": name, "takes": [{"area_m2": 0.5}]} for name in ("东区", "西区")]},
    {"kind": "takeover", "mode_to": "owners", "area_m2": 1, "recorded_for": "211302001003"},
]  # fmt: skip
REPORTS = "/api/v1/status-reports/"
#: What is sent to the addresses of reports, by their last part ("" for a new one).
REPORT_BODIES: dict[str, list[dict[str, Any]]] = {
    "": [
        {"kind": "takeover", "compound": "B", "effective_on": "2015-10-01", "mode_to": "owners", "area_m2": 10},
        {"kind": "mode_change", "compound": "F", "effective_on": "2015-02-01", "mode_to": "community"},
        {"kind": "missing", "community": "211302003001", "name": "北塔小区", "area_m2": 5, "households": 1},
        {"kind": "unclear", "compound": "C", "note": "?"}, {"kind": "lapse", "compound": "D", "precision": "month"},
    ],
    "edit": [
        {"kind": "mode_change", "effective_on": "2015-02-01", "mode_to": "owners", "revision": 1},
        {"kind": "unclear", "note": "?", "revision": 3},
    ],
    "return": [{"reason": "?"}, {"comments": [{"field": "area_m2", "text": "?"}]}, {"comments": [{"text": " "}]}],
    "recheck": [{"reason": "?"}, {"reason": " "}],
    "submit": [{}, {"revision": 1}],
}  # fmt: skip
WORDS: list[dict[str, Any]] = [{}, {"reason": "属实"}, {"revision": 2}]
#: Of ten clients one has no good token: more of them would only be more of the same.
STRANGERS = ("wrong", "nobody")


@dataclass
class Told:
    """How many calls there were, by operation and by status, and what was wrong with the answers."""

    calls: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    of: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def clients(cast: dict[str, User]) -> dict[str, dict[str, str]]:
    """Headers of the clients that call: every office with all scopes, with one, limited, nobody, a wrong token."""

    def headers(name: str, scopes: list[str], division: str = "") -> dict[str, str]:
        limited = Division.objects.get(code=division) if division else None
        names = len(found) + 1
        _token, secret = tokens.make(user=cast[name], name=str(names), scopes=scopes, division=limited, by=None)
        return {"Authorization": f"Bearer {secret}"}

    found: dict[str, dict[str, str]] = {}
    for name in ("bureau", "county", "subdistrict", "committee", "auditor", "neighbour_county"):
        found[name] = headers(name, list(TokenScope.values))
    found["limited"] = headers("bureau", list(TokenScope.values), "211302003")
    found["figures only"] = headers("county", ["coverage:read"])
    found["writes only"] = headers("bureau", ["ledger:write"]) | {"Accept-Language": "en"}
    found["wrong"] = {"Authorization": "Bearer cpm_x"}
    found["nobody"] = {}
    return found


def some_reports(cast: dict[str, User]) -> list[str]:
    """Reports in every state in which one can do something with them, about compounds of the worked example."""
    compounds = {code: Compound.objects.get(code=code) for code in "BF"}

    def draft(kind: ReportKind, code: str, **claim: Any) -> Report:
        key = f"{kind} {code} {len(found)}"
        found.append(reports.draft(
            kind=kind, claim=Claim(**claim), by=cast["committee"], key=key, compound=compounds[code]
        ))  # fmt: skip
        return found[-1]

    found: list[Report] = []
    draft(ReportKind.TAKEOVER, "B")
    for steps in (["submit"], ["submit", "send_back"], ["submit", "verify"], ["withdraw"]):
        one = draft(ReportKind.MODE_CHANGE, "F", effective_on=datetime.date(2015, 2, 1), mode_to="community")
        for step in steps:
            words = {"reason": "?"} if step == "send_back" else {}
            by = cast["subdistrict" if step in ("verify", "send_back") else "committee"]
            one = getattr(reports, step)(report=one, by=by, **words)
    return [str(one.pk) for one in found]


def call_at_random(cast: dict[str, User], *, at_least: int, number: int = 5, by: Sequence[str] = ()) -> Told:
    """Make at least so many calls, the same for a ``number``, as the clients ``by`` (all); keep what is wrong."""
    with connections_stay_open():
        who = clients(cast)
        known = KNOWN | {"pk": some_reports(cast)}
        return _call_at_random({name: who[name] for name in by or who}, known, at_least, number)


@contextmanager
def connections_stay_open() -> Iterator[None]:
    """As Django's own test client does it: the transaction of the test is none to be closed after a request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _call_at_random(who: dict[str, dict[str, str]], known: dict[str, list[Any]], at_least: int, number: int) -> Told:
    told = Told()
    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application(), headers=who["bureau"])
    operations = [result.ok() for result in schema.get_all_operations()]
    ways = [
        (operation, client, mode)
        for operation, client in itertools.product(operations, who)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    ]
    ways.sort(key=lambda way: way[1] not in STRANGERS)
    for turn, (operation, client, mode) in enumerate(ways):
        each = 1 if client in STRANGERS else max(1, -(-(at_least - told.total) // (len(ways) - turn)))
        if operation.method == "post" and client not in STRANGERS:  # they write
            each *= 2 if operation.path.startswith(REPORTS) else 8
        _call(operation, who[client], f"{operation.label} as {client}", mode, each, number + turn, known, told)
    return told


def bodies_of(path: str) -> list[dict[str, Any]]:
    """What is sent to an address half of the time; nothing to one that takes a form."""
    last = path.rstrip("/").rpartition("/")[2]
    if not path.startswith(REPORTS):
        return BODIES
    if path == REPORTS:
        return REPORT_BODIES[""]
    return [] if last == "attachments" else REPORT_BODIES.get(last, WORDS)


def _call(operation, headers, label: str, mode, each: int, number: int, known, told: Told) -> None:
    bodies = bodies_of(operation.path)

    @seed(number)
    @settings(
        max_examples=each, database=None, derandomize=False, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def call(case, data):
        for place in (case.headers, case.cookies):
            for name in ("Authorization", "sessionid"):  # who calls is not drawn
                place.pop(name, None)
        if isinstance(case.body, dict) and bodies and data.draw(st.integers(0, 3)):
            case.body = data.draw(st.sampled_from(bodies)) | {
                name: data.draw(st.sampled_from(KNOWN[name]))
                for name in (("compound", "effective_on") if bodies is BODIES else ())
            }
        for place in (case.path_parameters, case.query):
            for name in sorted(set(place or ()) & set(known)):
                if data.draw(st.integers(0, 3)):
                    value = data.draw(st.sampled_from(known[name]))
                    if value is None:
                        del place[name]
                    else:
                        place[name] = str(value)
        told.calls[operation.label] += 1
        try:
            with undone():
                response = case.call(headers=headers)
            told.statuses[response.status_code] += 1
            told.of[operation.label, response.status_code] += 1
            case.validate_response(response, checks=CHECKS)
        except Exception as failure:
            told.wrong.append(f"{label}: {case.as_curl_command()}\n{type(failure).__name__} {failure}")

    call()
