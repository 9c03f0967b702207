"""Accounts, departments, and who holds which role where and when."""

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Exists, F, Q, Value
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import Exact
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import Decision
from chaoyang_pm.kit.scoping import Scope, ScopedQuerySet
from communities.divisions.choices import CODE_LENGTH
from communities.divisions.models import Division, SuccessionLine
from communities.divisions.selectors import FROM_AN_ENDED_DIVISION, with_predecessors
from communities.people.choices import LEVEL_OF, Role

if TYPE_CHECKING:
    from communities.tokens.choices import Limit


class UserQuerySet(models.QuerySet):
    def visible_to(self, user: "User") -> "UserQuerySet":
        """People with an appointment, past or present, within the user's scope; accounts without any with the rest."""
        if user.scope.everything:
            return self
        return self.filter(pk__in=Appointment.objects.visible_to(user).values("user"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]  # a class made at run time
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """An account without any role: it may log in and see nothing until it is appointed."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A system administrator 系统管理员 (Django's ``createsuperuser`` asks for one)."""
        user = self.create_user(username, password, **fields)
        Appointment.objects.create(user=user, role=Role.ADMIN, since=business_date())
        return user


class User(AbstractUser):
    """账号: a person who logs in. What the person may see and do follows from appointments alone."""

    first_name = None
    last_name = None
    groups = None
    user_permissions = None
    is_superuser = False
    display_name = models.CharField(_("Name"), max_length=60, blank=True)
    must_change_password = models.BooleanField(_("Must change the password"), default=False)
    second_factor_since = models.DateTimeField(_("Second factor since"), null=True, blank=True)
    #: Given by the person, for notices (``communities.notices``); ``email`` is Django's.
    phone = models.CharField(_("Telephone"), max_length=20, blank=True, default="", db_default="")
    language = models.CharField(_("Language of what is sent"), max_length=12, blank=True, default="", db_default="")

    objects = UserManager()
    #: What a token leaves of the person's rights (``communities.tokens``); None for whoever logged in.
    limit: "Limit | None" = None

    class Meta(AbstractUser.Meta):
        verbose_name = _("User")
        verbose_name_plural = _("Users")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name or self.username

    @property
    def is_staff(self) -> bool:
        """Django's word for who may enter its administration."""
        return bool(self.may("settings.enter"))

    @cached_property
    def current_appointments(self) -> list["Appointment"]:
        """The appointments in force, the highest division first; read once per request."""
        held = self.appointments.in_force(business_date()).select_related("division", "department")
        held = held.annotate(may_have_followed=Exists(SuccessionLine.objects.filter(FROM_AN_ENDED_DIVISION)))
        return sorted(held, key=lambda one: (len(one.division_id or ""), one.division_id or "", one.role))

    @cached_property
    def scope(self) -> Scope:
        """What the person may read: the divisions of all appointments, and what was merged into them."""
        divisions = [one.division_id for one in self.current_appointments]
        if any(code is None or len(code) == CODE_LENGTH["city"] for code in divisions):
            return Scope(everything=True)
        # Most cities have no ended division: the appointments were read together with the word that there is none.
        if not any(getattr(one, "may_have_followed", True) for one in self.current_appointments):
            return Scope.of(code for code in divisions if code)
        return Scope.of(with_predecessors(divisions))

    @property
    def standing_appointments(self) -> list["Appointment"]:
        """The appointments in force or to come; of somebody who has left office, the past ones."""
        held, today = list(self.appointments.all()), business_date()
        return [one for one in held if one.until is None or one.until >= today] or held

    @property
    def scope_code(self) -> str | None:
        """The smallest division that holds all offices of the person; None for whom that is the whole portal."""
        codes = [one.division_id for one in self.standing_appointments]
        if not codes or None in codes:
            return None
        around = [first[:length] for first in codes[:1] for length in CODE_LENGTH.values() if length <= len(first)]
        return max((code for code in around if all(other.startswith(code) for other in codes)), key=len, default=None)

    def may(self, action: str, row: Any = None) -> Decision:
        """Whether the person may do ``action`` (with ``row``), by the permission matrix."""
        from communities.people.permissions import may  # the matrix's conditions read these models

        return may(self, action, row)


class Department(models.Model):
    """市直部门: a department of the city with duties of its own (P5.1–P5.5)."""

    code = models.CharField(_("Code"), max_length=20, primary_key=True)
    name = models.CharField(_("Name"), max_length=60, unique=True)
    clause = models.CharField(_("Clause"), max_length=10, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("Department")
        verbose_name_plural = _("Departments")

    def __str__(self) -> str:
        return self.name


class AppointmentQuerySet(ScopedQuerySet):
    def in_force(self, day: datetime.date) -> "AppointmentQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


def _held_at(role: Role) -> Q:
    """The level of division that a role is held in, as a condition of the database."""
    level = LEVEL_OF[role]
    if level is None:
        return Q(role=role, division__isnull=True)
    return Q(Exact(Length("division_id"), CODE_LENGTH[level]), role=role, division__isnull=False)


class Appointment(models.Model):
    """任职: a person holds a role in a division (a department's people also in that department) from a day to a day."""

    scope_path = "division"

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments", verbose_name=_("User"))
    role = models.CharField(_("Role"), max_length=12, choices=Role.choices)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Division")
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Department")
    )
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Appointed by")
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["division", "role", "since"]
        verbose_name = _("Appointment")
        verbose_name_plural = _("Appointments")
        constraints = [
            models.CheckConstraint(
                condition=Q(*map(_held_at, Role), _connector=Q.OR), name="appointment_role_fits_its_division"
            ),
            models.CheckConstraint(
                condition=Q(role=Role.DEPARTMENT, department__isnull=False)
                | (~Q(role=Role.DEPARTMENT) & Q(department__isnull=True)),
                name="appointment_department_is_named",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="appointment_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                F("user"), F("role"), Coalesce("division_id", Value("")), Coalesce("department_id", Value("")),
                condition=Q(until__isnull=True), name="appointment_open_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} · {self.title}"

    @property
    def title(self) -> str:
        """What the role is called where it is held: 双塔区 · 县(市、区)物业主管部门."""
        where = self.department or self.division
        return f"{where} · {self.get_role_display()}" if where else str(self.get_role_display())

    def get_additional_data(self) -> dict[str, Any]:
        """What the history of rights keeps beside the fields, for an appointment that is taken back is gone."""
        return {"user": self.user_id, "title": self.title}
