"""Writing an export to a file: 台账, 变更 and 楼栋 on three sheets, as the importers read them."""

import datetime
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.running import Progress
from chaoyang_pm.kit.jobs.services import enqueue
from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets.writing import Table, write_xlsx
from chaoyang_pm.kit.uploads.store import Store
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.permissions import reach
from compounds.exports.columns import (
    BUILDINGS_FIELDS,
    BUILDINGS_SHEET,
    ENTRIES_FIELDS,
    ENTRIES_SHEET,
    LANGUAGE,
    REGISTER_FIELDS,
    REGISTER_SHEET,
)
from compounds.exports.selectors import Content, Row
from compounds.ledger import selectors as ledger

JOB = "exports.write"
#: Up to so many rows are written while the reader waits: some seconds.
QUICK = 10_000
#: How long a written file waits to be fetched.
KEPT = datetime.timedelta(days=3)
EACH = 500
Step = Callable[[int], object]


@dataclass(frozen=True)
class Written:
    """What an export holds: rows of all sheets, and the version of the ledger that it is of."""

    division: str
    rows: int
    height: int
    hash: str


def write_whole(
    target: str | os.PathLike | IO[bytes], *, division: Division, phones: Scope = EVERYWHERE,
    step: Step = lambda done: None,
) -> Written:  # fmt: skip
    """Write the sheets of a division as they stand now; ``step`` is told how many rows are written."""
    version = ledger.newest()
    content = _content(division, phones, version.height)
    with override(LANGUAGE):
        notice = portal.notice()
        title = _("Export of %(division)s") % {"division": division.name}
        about = f"{division.code} {version.height}:{version.hash}"
    done = _Count(step)
    tables = [
        Table(REGISTER_SHEET, REGISTER_FIELDS, done.of(content.register()), notice),
        Table(ENTRIES_SHEET, ENTRIES_FIELDS, done.of(content.entries()), notice),
    ]
    if content.building_rows.exists():
        tables.append(Table(BUILDINGS_SHEET, BUILDINGS_FIELDS, done.of(content.buildings()), notice))
    rows = write_xlsx(target, tables, properties={"title": title, "comments": about})
    return Written(division.code, rows, version.height, version.hash)


def _content(division: Division, phones: Scope, height: int | None = None) -> Content:
    code = "" if division.level == Level.CITY else division.code
    return Content(code, height=ledger.newest().height if height is None else height, phones=phones)


class _Count:
    """Rows on their way, with word of every so many."""

    def __init__(self, step: Step):
        self.step, self.done = step, 0

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if self.done % EACH == 0:
                self.step(self.done)
            self.done += 1
            yield row


def write_to(path: Path, *, division: Division) -> Written:
    """Write the file under its name once it is whole. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            written = write_whole(file, division=division)
            file.close()
            part.chmod(0o666 & ~_umask())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return written


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# --- on pages --------------------------------------------------------------------------------------------
def is_quick(division: Division) -> bool:
    """Whether an export is written while its reader waits."""
    return _content(division, EVERYWHERE).count() <= QUICK


def file_name(division: Division) -> str:
    return f"{division.name}-{business_date().isoformat()}.xlsx"


def in_background(*, division: Division, by: User) -> Job:
    """Register the job. Raises Busy where the same is being written for the same person."""
    return enqueue(kind=JOB, by=by, parameters={"division": division.code}, key=f"{JOB}:{by.pk}:{division.code}")


def do_write(progress: Progress, *, division: str) -> dict[str, Any]:
    """Write the file and keep it for some days; what a job tells about it."""
    place = Division.objects.get(code=division)
    by = progress.job.created_by
    phones = reach(by, "exports.phones") if by else Scope()
    progress.advance(0, _content(place, EVERYWHERE).count())
    with store().writing() as batch:
        name, path = batch.new(".xlsx")
        with path.open("wb") as file:
            written = write_whole(file, division=place, phones=phones, step=progress.advance)
    return asdict(written) | {"file": name, "name": file_name(place)}


def open_kept(job: Job) -> IO[bytes] | None:
    """The file of an export; None if it was swept."""
    try:
        return store().path((job.result or {})["file"]).open("rb")
    except FileNotFoundError:
        return None


def store() -> Store:
    return Store(Path(settings.DATA_DIR) / "exports")


def sweep() -> list[str]:
    """Remove files that have been kept long enough."""
    return store().sweep(set(), before=timezone.now() - KEPT)
