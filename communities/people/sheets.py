"""Workbooks of accounts that the portal writes: the template with lists to choose from, and what came of a file."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer
from communities.people.columns import CHOICES, COLUMNS, OFFICE, PASSWORD, RESULTS, TEMPLATE
from communities.people.models import Department, User
from communities.people.permissions import roles_to_give
from communities.people.selectors import Slip

#: So many rows get the lists.
ROWS = 500
WIDTHS = {"username": 24, "role": 26, "county": 18, "subdistrict": 34, "community": 44, "department": 24}


def template(user: User) -> bytes:
    """An empty workbook whose lists hold the roles that the user gives and the divisions of his scope."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, lists = book.add_worksheet(TEMPLATE), book.add_worksheet(CHOICES)
        lists.hide()
        bold = book.add_format({"bold": True, "bg_color": "#E8F1FB", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        offered = _offered(user)
        for index, column in enumerate(COLUMNS):
            sheet.write_string(0, index, column.label, bold)
            sheet.set_column(index, index, WIDTHS.get(column.key, 14), day if column.key == "since" else text)
            if choices := offered.get(column.key):
                for row, choice in enumerate(choices):
                    lists.write_string(row, index, choice)
                letter = chr(ord("A") + index)
                source = f"='{CHOICES}'!${letter}$1:${letter}${len(choices)}"
                # Names may be typed as well: the list helps, it does not forbid.
                sheet.data_validation(
                    1, index, ROWS, index, {"validate": "list", "source": source, "show_error": False}
                )
        sheet.freeze_panes(1, 0)
    return file.getvalue()


def _offered(user: User) -> dict[str, Sequence[str]]:
    """What each column's list holds. Below the counties names repeat themselves: the code stands behind."""
    gazetteer = Gazetteer.load()
    living = Division.objects.living().visible_to(user).order_by("code")
    of_level = {level: [one.code for one in living if one.level == level] for level in Level}
    return {
        "role": [str(role.label) for role in roles_to_give(user)],
        "county": [gazetteer.by_code[code].name for code in of_level[Level.COUNTY]],
        "subdistrict": [f"{gazetteer.path(code)} {code}" for code in of_level[Level.SUBDISTRICT]],
        "community": [f"{gazetteer.path(code)} {code}" for code in of_level[Level.COMMUNITY]],
        "department": [one.name for one in Department.objects.all()],
    }


def results(slips: Iterable[Slip]) -> bytes:
    """Log-in names and initial passwords, a row each; text is never a formula."""
    labels = {column.key: column.label for column in COLUMNS}
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(RESULTS)
        bold = book.add_format({"bold": True, "bg_color": "#E8F1FB", "border": 1})
        for index, heading in enumerate((labels["username"], labels["display_name"], OFFICE, PASSWORD)):
            sheet.write_string(0, index, heading, bold)
        for row, slip in enumerate(slips, start=1):
            cells = (slip.user.username, slip.user.display_name, "; ".join(slip.offices), slip.password)
            for index, cell in enumerate(cells):
                sheet.write_string(row, index, cell)
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 14)
        sheet.set_column(2, 2, 40)
        sheet.set_column(3, 3, 18)
        sheet.freeze_panes(1, 0)
    return file.getvalue()
