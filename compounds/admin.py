"""Django looks for admin classes here; each lives in its room."""

from compounds.imports import admin as imports_admin
from compounds.ledger import admin as ledger_admin
from compounds.register import admin as register_admin

__all__ = ["imports_admin", "ledger_admin", "register_admin"]
