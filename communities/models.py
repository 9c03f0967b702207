"""Django looks for models here and nowhere else; each lives in its room."""

from communities.divisions.models import Division, FormerName, Succession, SuccessionLine
from communities.people.models import Appointment, Department, User
from communities.tokens.models import Token, TokenStep, TokenUse

__all__ = [
    "Appointment", "Department", "Division", "FormerName", "Succession", "SuccessionLine", "Token", "TokenStep",
    "TokenUse", "User",
]  # fmt: skip
