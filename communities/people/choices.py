from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import Level


class Role(models.TextChoices):
    """岗位角色: what an appointment makes of a person (DESIGN.md, "Roles")."""

    BUREAU = "bureau", _("City bureau")
    LEADER = "leader", _("City leader")
    DEPARTMENT = "department", _("City department")
    COUNTY = "county", _("County authority")
    SUBDISTRICT = "subdistrict", _("Subdistrict office")
    COMMITTEE = "committee", _("Community committee")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("System administrator")


#: Level of the division that a role is held in; None: the whole portal.
LEVEL_OF: dict[Role, Level | None] = {
    Role.BUREAU: Level.CITY,
    Role.LEADER: Level.CITY,
    Role.DEPARTMENT: Level.CITY,
    Role.COUNTY: Level.COUNTY,
    Role.SUBDISTRICT: Level.SUBDISTRICT,
    Role.COMMITTEE: Level.COMMUNITY,
    Role.AUDITOR: None,
    Role.ADMIN: None,
}

#: Roles that a role gives to others and whose holders it looks after: downwards only, and never an equal.
APPOINTS: dict[Role, tuple[Role, ...]] = {
    Role.ADMIN: tuple(Role),
    Role.BUREAU: (Role.LEADER, Role.DEPARTMENT, Role.COUNTY, Role.SUBDISTRICT, Role.COMMITTEE),
    Role.COUNTY: (Role.SUBDISTRICT, Role.COMMITTEE),
}
