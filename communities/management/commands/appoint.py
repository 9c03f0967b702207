from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from communities.divisions.models import Division
from communities.people import services
from communities.people.choices import Role
from communities.people.models import Department, User


class Command(FormattedCommand):
    help = (
        "Appoint somebody who has an account, for a portal whose administrator is lost. A new account: "
        "`createsuperuser`; a new password: `changepassword`."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("role", metavar="ROLE", help=", ".join(Role.values))
        parser.add_argument("division", metavar="DIVISION", nargs="?", help="its code; none for auditor and admin")
        parser.add_argument("--department", metavar="CODE", help="for people of city departments")

    def handle(self, *args, **options) -> None:
        problems: list[dict[str, Any]] = []

        def found(field: str, value: str | None, lookup: Any, message: str) -> Any:
            if value is None:
                return None
            if (row := lookup(value)) is None:
                problems.append({"field": field, "value": value, "message": message})
            return row

        user = found(
            "USERNAME", options["username"], lambda name: User.objects.filter(username=name).first(),
            _("there is no such account; make it with createsuperuser, or on the page of accounts."),
        )  # fmt: skip
        role = found(
            "ROLE", options["role"], lambda name: Role(name) if name in Role.values else None,
            _("accepted: %(roles)s.") % {"roles": ", ".join(Role.values)},
        )  # fmt: skip
        division = found(
            "DIVISION", options["division"], lambda code: Division.objects.filter(code=code).first(),
            _("there is no division with this code."),
        )  # fmt: skip
        department = found(
            "--department", options["department"], lambda code: Department.objects.filter(code=code).first(),
            _("accepted: %(codes)s.") % {"codes": ", ".join(Department.objects.values_list("code", flat=True))},
        )  # fmt: skip
        if user and not user.is_active:
            problems.append({
                "field": "USERNAME", "value": user.username,
                "message": _("the account is disabled; an administrator enables it on its page."),
            })  # fmt: skip
        as_json = options["format"] == "json"
        if problems:
            self.fail(problems, as_json=as_json)
        try:
            appointment = services.appoint(user=user, role=role, division=division, department=department, by=None)
        except services.Unusable as unusable:
            unusables = [{"field": field, "message": message} for field, message in unusable.problems.items()]
            self.fail(unusables, as_json=as_json)
        if as_json:
            self.print_json({
                "username": user.username, "role": role, "division": division and division.code,
                "department": department and department.code, "since": appointment.since.isoformat(),
            })  # fmt: skip
        else:
            self.stdout.write(str(appointment))
