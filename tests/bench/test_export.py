"""What reading, words and order of an export cost: a ratio to XlsxWriter writing the same cells from memory."""

import datetime
import os
import random

import pytest
import xlsxwriter
from django.db import connection
from django.utils import timezone

from communities.divisions.models import Division
from compounds.exports import services
from compounds.exports.columns import ENTRIES_FIELDS, REGISTER_FIELDS
from compounds.exports.selectors import Content
from compounds.ledger.choices import MOVES, Category, Kind, Mode
from compounds.ledger.models import Entry, LedgerHead
from compounds.register import names
from compounds.register.models import Compound
from tests.bench.measure import Bench

COMPOUNDS, CHANGES = 16_000, 4_000


def fill(compounds: int, changes: int) -> None:
    """A city as it is exported: registrations, and takeovers of some of them. The chain is not wanted here."""
    chance = random.Random(20)
    communities = list(Division.objects.filter(level="community").values_list("code", flat=True))
    start = datetime.date(2014, 1, 1)
    rows = []
    for number in range(compounds):
        name = f"第{number}小区"
        rows.append(
            Compound(
                code=f"C{number:06}",
                name=name,
                community_id=chance.choice(communities),
                address=f"长江路{number}号",
                normalised_name=names.normalise(name),
                name_stem=names.stem(name),
                initials="xq",
                kind="gated",
                built_year=1980 + number % 35,
                buildings=number % 30,
                area_source="survey",
                ownership="房改房",
                fee="0.5元/平米/月",
                contact=f"联系人{number % 50}",
                phone=f"1390421{number % 10000:04}",
                has_area=True,
                note=f"第{number}行",
            )
        )
    Compound.objects.bulk_create(rows, 1000)
    stored = list(Compound.objects.order_by("code"))
    entries = [
        Entry(
            height=number, kind=Kind.REGISTER, effective_on=start, compound=compound,
            community_id=compound.community_id, category=Category.ABANDONED,
            mode_to=Mode.NONE, area_dm2=100_000 + number * 7, households=40 + number % 900,
            reporting_unit="住建局", handler="王芳", recorded_at=timezone.now(), source="register_import",
            hash=f"{number:064x}",
        )
        for number, compound in enumerate(stored, start=1)
    ]  # fmt: skip
    entries += [
        Entry(
            height=compounds + number, kind=MOVES[0], effective_on=start + datetime.timedelta(days=number % 700),
            compound=compound, category=Category.ABANDONED, mode_from=Mode.NONE, mode_to=Mode.PROFESSIONAL,
            area_dm2=50_000, households=20, provider_to="金鼎物业服务有限公司", basis_type="合同",
            basis_no=f"{number}号",
            recorded_at=timezone.now(), source="entry_import", hash=f"{compounds + number:064x}",
        )
        for number, compound in enumerate(stored[:changes], start=1)
    ]  # fmt: skip
    Entry.objects.bulk_create(entries, 1000)
    LedgerHead.objects.filter(pk=1).update(height=len(entries), hash=entries[-1].hash, recorded_at=timezone.now())


@pytest.mark.bench
@pytest.mark.both_databases
def test_export_against_writing_the_same_cells(reference, bench: Bench, tmp_path):
    fill(COMPOUNDS, CHANGES)
    if connection.vendor == "postgresql":  # which does so by itself within a minute; SQLite never does
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    content = Content(height=COMPOUNDS + CHANGES)
    sheets = [(REGISTER_FIELDS, list(content.register())), (ENTRIES_FIELDS, list(content.entries()))]
    assert [len(rows) for _fields, rows in sheets] == [COMPOUNDS, CHANGES]
    city = Division.objects.get(code="2113")

    def plain() -> None:
        with xlsxwriter.Workbook(os.fspath(tmp_path / "plain.xlsx"), {"constant_memory": True}) as book:
            for fields, rows in sheets:
                sheet = book.add_worksheet()
                formats = [book.add_format({"num_format": field.shape.value}) for field in fields]
                for column, field in enumerate(fields):
                    sheet.write_string(0, column, field.label)
                for number, row in enumerate(rows, start=1):
                    for column, cell in enumerate(row):
                        if isinstance(cell, str) and cell:
                            sheet.write_string(number, column, cell, formats[column])
                        elif isinstance(cell, datetime.date):
                            sheet.write_datetime(number, column, cell, formats[column])
                        elif cell not in (None, ""):  # as the export: no cell for nothing
                            sheet.write_number(number, column, cell, formats[column])

    def export() -> None:
        services.write_to(tmp_path / "export.xlsx", division=city)

    bench.compare("export of 20,000 rows to xlsx", export, plain, at_most=1.5, runs=5, against="XlsxWriter")
