"""Django looks for models here and nowhere else; each lives in its room."""

from communities.divisions.models import Division, FormerName, Succession, SuccessionLine
from communities.notices.models import Choice, Message, Notice, Schedule
from communities.people.models import Appointment, Department, User
from communities.tokens.models import Token, TokenStep, TokenUse

__all__ = [
    "Appointment", "Choice", "Department", "Division", "FormerName", "Message", "Notice", "Schedule", "Succession",
    "SuccessionLine", "Token", "TokenStep", "TokenUse", "User",
]  # fmt: skip
