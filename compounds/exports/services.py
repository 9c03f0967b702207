"""Writing an export to a file: 台账 and 变更 on two sheets, as the importers read them."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import override

from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets.writing import Table, write_xlsx
from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.exports.columns import ENTRIES_FIELDS, ENTRIES_SHEET, LANGUAGE, REGISTER_FIELDS, REGISTER_SHEET
from compounds.exports.selectors import Content
from compounds.ledger import selectors as ledger


@dataclass(frozen=True)
class Written:
    """What an export holds: rows of both sheets, and the version of the ledger that it is of."""

    division: str
    rows: int
    height: int
    hash: str


def write_whole(target: str | os.PathLike | IO[bytes], *, division: Division, phones: Scope = EVERYWHERE) -> Written:
    """Write the two sheets of a division as they stand now."""
    version = ledger.newest()
    everything = division.level == Level.CITY
    content = Content("" if everything else division.code, height=version.height, phones=phones)
    with override(LANGUAGE):
        notice = portal.notice()
        title = _("Export of %(division)s") % {"division": division.name}
        about = f"{division.code} {version.height}:{version.hash}"
    tables = [
        Table(REGISTER_SHEET, REGISTER_FIELDS, content.register(), notice),
        Table(ENTRIES_SHEET, ENTRIES_FIELDS, content.entries(), notice),
    ]
    rows = write_xlsx(target, tables, properties={"title": title, "comments": about})
    return Written(division.code, rows, version.height, version.hash)


def write_to(path: Path, *, division: Division, phones: Scope = EVERYWHERE) -> Written:
    """Write the file under its name once it is whole. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=".part", delete=False) as file:
        part = Path(file.name)
        try:
            written = write_whole(file, division=division, phones=phones)
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
