from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from communities.people.demo import PASSWORD
from oversight.demo.plan import DEFAULT_SEED
from oversight.demo.services import DemoRefused, load_demo


class Command(FormattedCommand):
    help = "Loads the demo city (invented compounds, real divisions) into a database without compounds."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another story (default %(default)s)")
        parser.add_argument("--scale", type=float, default=1.0, help="a part of the city, or a multiple (default 1)")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        try:
            loaded = load_demo(seed=options["seed"], scale=options["scale"])
        except DemoRefused as refused:
            return self.fail([{"message": str(refused)}], as_json=as_json)
        if as_json:
            return self.print_json({
                "compounds": loaded.compounds, "entries": loaded.entries,
                "business_date": loaded.business_date.isoformat(), "accounts": loaded.accounts,
            })  # fmt: skip
        facts = {"compounds": loaded.compounds, "entries": loaded.entries, "date": loaded.business_date.isoformat()}
        self.stdout.write(_("Demo city: %(compounds)s compounds, %(entries)s entries up to %(date)s.") % facts)
        if loaded.accounts:
            facts = {"accounts": " ".join(loaded.accounts), "password": PASSWORD}
            self.stdout.write(_("Log-ins: %(accounts)s – password of each: %(password)s") % facts)
