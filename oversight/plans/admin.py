"""Review of plans in the administration: the same steps through the same services, and until when plans are due."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.admin import MatrixAdmin
from compounds.ledger.refusals import Refused
from oversight.plans import checks, deadlines, selectors, services
from oversight.plans.acts import Settled
from oversight.plans.models import PlanDeadline, PlanLine, PlanRemark, PlanStep, PlanVersion


class ReadOnly(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_view_permission(self, request, obj=None):
        return request.user.may("plans.read")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class Lines(ReadOnly):
    model = PlanLine
    fields = [
        "number", "compound", "community", "category", "mode", "planned_for", "area_dm2", "households", "person",
        "unit", "is_pilot", "note",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("compound", "community")


class Steps(ReadOnly):
    model = PlanStep
    fields = ["at", "step", "by", "reason"]
    readonly_fields = fields


class Remarks(ReadOnly):
    """What the review line by line has said so far."""

    model = PlanRemark
    fields = ["line", "is_agreed", "text", "by", "at"]
    readonly_fields = fields


class DecisionForm(ActionForm):
    """What the bureau says to it as a whole goes with the action."""

    opinion = forms.CharField(label=gettext_lazy("Opinion"), max_length=1000, required=False)


@admin.register(PlanVersion)
class PlanVersionAdmin(MatrixAdmin, admin.ModelAdmin):
    """Plans with state and checks; approving and returning are the room's own services."""

    view_action = "plans.read"
    list_display = ["county", "number", "state", "submitted_on", "is_late", "document_no", "errors", "warnings"]
    list_filter = ["state", "is_late"]
    list_select_related = ["county", "programme"]
    search_fields = ["county__name", "document_no"]
    inlines = [Lines, Remarks, Steps]
    action_form = DecisionForm
    actions = ["approve", "send_back"]

    def get_queryset(self, request):
        return super().get_queryset(request) & selectors.listed(request.user)

    @admin.display(description=gettext_lazy("Errors"))
    def errors(self, version):
        return len(self._checks(version).errors)

    @admin.display(description=gettext_lazy("Warnings"))
    def warnings(self, version):
        return len(self._checks(version).warnings)

    @staticmethod
    def _checks(version):
        """Once a row, for both columns."""
        if not hasattr(version, "checks"):
            version.checks = checks.check(version)
        return version.checks

    def has_review_permission(self, request):
        return bool(request.user.may("plans.review"))

    @admin.action(description=gettext_lazy("Approve"), permissions=["review"])
    def approve(self, request, queryset):
        self._decide(request, queryset, services.approve, _("Approved."))

    @admin.action(description=gettext_lazy("Return"), permissions=["review"])
    def send_back(self, request, queryset):
        self._decide(request, queryset, services.send_back, _("Returned."))

    def _decide(self, request, queryset, service, done):
        opinion = request.POST.get("opinion", "")[:1000]
        for version in queryset:
            try:
                service(version=version, by=request.user, opinion=opinion)
            except (Settled, Refused) as refused:
                messages.error(request, f"{version}: {refused}")
            else:
                messages.success(request, f"{version}: {done}")


class DeadlineForm(forms.ModelForm):
    """What the service refuses stands at its field."""

    def clean(self):
        data = super().clean()
        if data.get("division"):
            try:
                deadlines.granted(division=data["division"], document=data.get("document", ""))
            except Refused as refused:
                for problem in refused.problems:
                    self.add_error(problem.field, problem.message)
        return data


@admin.register(PlanDeadline)
class PlanDeadlineAdmin(MatrixAdmin, admin.ModelAdmin):
    """The deadline of the city, and extensions of counties with their document."""

    view_action = "plans.read"
    add_action = change_action = "plans.deadlines"
    list_display = ["programme", "division", "due_on", "document", "set_by", "set_at"]
    list_select_related = ["programme", "division", "set_by"]
    fields = ["programme", "division", "due_on", "document"]
    autocomplete_fields = ["division"]
    form = DeadlineForm

    def save_model(self, request, obj, form, change):
        deadlines.set_deadline(
            programme=obj.programme, division=obj.division, due_on=obj.due_on, document=obj.document, by=request.user
        )
