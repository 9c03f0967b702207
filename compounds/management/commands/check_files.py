from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from compounds.files import selectors, services


class Command(FormattedCommand):
    help = (
        "Compute the SHA-256 of every uploaded original anew and report differences and missing files; exit 1 with any."
    )

    def handle(self, *args, **options):
        checked = selectors.check_files(services.store())
        as_json = options["format"] == "json"
        if checked.findings:
            problems = [
                {"field": "id", "value": f"{finding['id']} {finding['compound']} {finding['title']}",
                 "message": finding["problem"]}
                for finding in checked.findings
            ]  # fmt: skip
            self.fail(problems, checked.as_dict(), as_json=as_json)
        if as_json:
            self.print_json(checked.as_dict())
        else:
            message = _("%(originals)s originals, all as they were uploaded; %(orphans)s files without a row.")
            self.stdout.write(message % {"originals": checked.originals, "orphans": len(checked.orphans)})
