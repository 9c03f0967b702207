"""Programs that report over the API, each with a token of its own, and how their answers are held against a refusal."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.test.client import MULTIPART_CONTENT

from communities.people.models import User
from communities.tokens import services as tokens
from communities.tokens.choices import TokenScope
from tests.description import check_answer

URL = "/api/v1/status-reports/"
#: A takeover of all that A holds, as the contract has it.
TAKEOVER = {
    "compound": "A", "kind": "takeover", "effective_on": "2014-05-10", "date_basis": "交接记录",
    "category": "abandoned", "mode_from": "none", "mode_to": "community", "area_m2": 8000, "households": 300,
    "document_no": "2014-017", "note": "夜间已有值班",
}  # fmt: skip
_numbers = itertools.count()


@dataclass(frozen=True)
class Program:
    """Asks in the name of a person; what it posts has a key of its own unless one is given."""

    secret: str

    def post(self, path: str = "", body: Any = None, *, key: str | None = "", **headers: str) -> Any:
        headers = self._headers(key, headers)
        answer = Client().post(_at(path), json.dumps(body or {}), content_type="application/json", headers=headers)
        return _as_described(answer, "post", path)

    def send(self, path: str, form: dict[str, Any], *, key: str | None = "") -> Any:
        answer = Client().post(_at(path), form, content_type=MULTIPART_CONTENT, headers=self._headers(key, {}))
        return _as_described(answer, "post", path)

    def get(self, path: str = "", **headers: str) -> Any:
        return _as_described(Client().get(_at(path), headers=self._headers(None, headers)), "get", path)

    def _headers(self, key: str | None, headers: dict[str, str]) -> dict[str, str]:
        given = {} if key is None else {"Idempotency-Key": key or f"own-{next(_numbers)}"}
        return {"Authorization": f"Bearer {self.secret}", "Accept-Language": "en"} | given | headers


def _at(path: str) -> str:
    return path if path.startswith("/") else URL + path


def _as_described(answer: Any, method: str, path: str) -> Any:
    check_answer(answer, method, _at(path))
    return answer


def program(user: User, *scopes: str, **more: Any) -> Program:
    name = f"token {next(_numbers)}"
    return Program(tokens.make(user=user, name=name, scopes=scopes or TokenScope.values, by=None, **more)[1])


def refused(answer: Any, status: int, *fields: str, said: str = "") -> dict[str, Any]:
    """A problem with this status about these fields, which says this."""
    assert answer.status_code == status, answer.content.decode()
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == list(fields), problem
    assert all(error["message"] for error in problem["errors"])
    assert said in answer.content.decode()
    return problem
