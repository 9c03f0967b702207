"""What can be wrong with a spreadsheet. Messages are translated sentences for whoever sent it."""


class SheetError(Exception):
    """The whole file cannot be read; ``str()`` says what is wrong and what would be accepted."""


class CellError(Exception):
    """One value cannot be used; ``str()`` says what is wrong with it and what would be accepted."""
