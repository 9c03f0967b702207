from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.services import Unusable
from communities.tokens import services
from communities.tokens.choices import DEFAULT_DAYS, MAX_DAYS, TokenScope


class Command(FormattedCommand):
    help = "Make a token for the API in the name of an account, and print it. It is shown this once."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", metavar="USER", help="the account's log-in name")
        parser.add_argument("--scopes", required=True, metavar="A,B", help=", ".join(TokenScope.values))
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"1 to {MAX_DAYS}, default {DEFAULT_DAYS}")
        parser.add_argument("--division", metavar="CODE", help="sees this division only")
        parser.add_argument("--name", metavar="TEXT", help="what it is for")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        problems = []
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            problems.append({"field": "USER", "value": options["user"], "message": _("there is no such account.")})
        division = Division.objects.filter(code=options["division"]).first() if options["division"] else None
        if options["division"] and division is None:
            message = _("there is no division with this code.")
            problems.append({"field": "--division", "value": options["division"], "message": message})
        if problems or user is None:
            return self.fail(problems, as_json=as_json)
        scopes = [scope.strip() for scope in options["scopes"].split(",") if scope.strip()]
        try:
            token, secret = services.make(
                user=user, name=options["name"] or services.free_name(user), scopes=scopes, division=division,
                days=options["days"], by=None,
            )  # fmt: skip
        except Unusable as unusable:
            reasons = [{"field": f"--{field}", "message": message} for field, message in unusable.problems.items()]
            return self.fail(reasons, as_json=as_json)
        if as_json:
            self.print_json({
                "token": secret, "name": token.name, "username": user.username, "scopes": token.scope_names,
                "division": token.division_id, "expires_at": token.expires_at.isoformat(),
            })  # fmt: skip
        else:
            self.stdout.write(secret)
        return None
