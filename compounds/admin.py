"""Django looks for admin classes here; each lives in its room."""

from compounds.ledger import admin as ledger_admin
from compounds.register import admin as register_admin

__all__ = ["ledger_admin", "register_admin"]
