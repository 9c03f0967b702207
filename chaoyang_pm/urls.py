"""The URL map: one include per room."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

admin.site.site_header = admin.site.site_title = _("Property management portal: administration")

handler403 = "chaoyang_pm.kit.errors.views.forbidden"
handler404 = "chaoyang_pm.kit.errors.views.not_found"
handler400 = "chaoyang_pm.kit.errors.views.bad_request"
handler500 = "chaoyang_pm.kit.errors.views.server_error"

urlpatterns = [
    path("", include("chaoyang_pm.kit.health.urls")),
    path("", include("oversight.coverage.urls")),
    path("", include("oversight.programme.urls")),
    path("settings/", include("oversight.programme.settings_urls")),
    path("settings/divisions/", include("communities.divisions.urls")),
    path("settings/words/", include("compounds.imports.word_urls")),
    path("plans/", include("oversight.plans.writing_urls")),
    path("", include("oversight.tables.urls")),
    path("", include("oversight.plans.urls")),
    path("plans/", include("oversight.plans.actual_urls")),
    path("", include("oversight.onepager.urls")),
    path("", include("oversight.explaining.urls")),
    path("", include("oversight.shell.urls")),
    path("", include("oversight.shell.desk_urls")),
    path("", include("compounds.structure.urls")),
    path("", include("compounds.modes.urls")),
    path("", include("compounds.pilots.urls")),
    path("", include("compounds.register.urls")),
    path("", include("compounds.ledger.urls")),
    path("", include("compounds.reports.urls")),
    path("", include("compounds.files.urls")),
    path("", include("compounds.exports.urls")),
    path("", include("compounds.imports.urls")),
    path("", include("compounds.successions.urls")),
    path("jobs/", include("chaoyang_pm.kit.jobs.urls")),
    path("", include("compounds.approvals.urls")),
    path("", include("compounds.returns.urls")),
    path("", include("compounds.reports.review_urls")),
    path("api/", include("chaoyang_pm.api")),
    path("", include("communities.notices.urls")),
    path("accounts/tokens/", include("communities.tokens.urls")),
    path("accounts/", include("communities.people.urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]
