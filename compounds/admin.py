"""Django looks for admin classes here; each lives in its room."""

from compounds.files import admin as files_admin
from compounds.imports import admin as imports_admin
from compounds.ledger import admin as ledger_admin
from compounds.modes import admin as modes_admin
from compounds.pilots import admin as pilots_admin
from compounds.register import admin as register_admin

__all__ = ["files_admin", "imports_admin", "ledger_admin", "modes_admin", "pilots_admin", "register_admin"]
