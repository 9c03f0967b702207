"""The list of compounds exactly as it is seen: its rows, columns and order, at its date and version."""

from collections.abc import Iterator, Sequence

from django.utils.translation import override

from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets.writing import Field
from compounds.exports.columns import LANGUAGE
from compounds.exports.selectors import Row
from compounds.register.columns import CODE, NAME, Column
from compounds.register.roll import Roll


def fields(columns: Sequence[Column]) -> list[Field]:
    """Code and name stand before the chosen columns, as on the page."""
    with override(LANGUAGE):
        return [Field(str(each.label), each.shape, each.width) for each in (CODE, NAME, *columns)]


def rows(roll: Roll, columns: Sequence[Column], *, phones: Scope) -> Iterator[Row]:
    """Telephones are given in full where ``phones`` covers the community."""
    for one in roll.everything(columns):
        with override(LANGUAGE):
            row = (one.code, one.name, *(column.cell(one, phones=phones) for column in columns))
        yield row
