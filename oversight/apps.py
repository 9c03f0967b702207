from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OversightConfig(AppConfig):
    name = "oversight"
    verbose_name = _("Programme and figures")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from chaoyang_pm.kit.desk import registry as desk
        from chaoyang_pm.kit.facts import triggers as facts
        from chaoyang_pm.kit.health import checks as health
        from chaoyang_pm.kit.operations import keepers
        from communities.notices import deadlines
        from compounds.approvals.counted import provide_counted_area
        from compounds.imports.defaults import provide_registration_date
        from compounds.ledger import followers, triggers
        from compounds.ledger.effects import provide_effects
        from compounds.register.counting import provide_counting_rules
        from compounds.register.planning import provide_planned
        from oversight.coverage.backups import RollUpKeeper
        from oversight.coverage.effects import effects, glance
        from oversight.coverage.health import roll_ups_are_healthy
        from oversight.coverage.question import counting
        from oversight.coverage.tasks import ask_for_refresh
        from oversight.models import (
            Baseline,
            Clause,
            CountingRule,
            Milestone,
            PartVersion,
            PlanDeadline,
            PlanStep,
            Programme,
            Target,
            TargetPart,
            TargetVersion,
        )  # fmt: skip
        from oversight.plans.deadlines import of_plans
        from oversight.plans.desk import overdue, to_review, to_write
        from oversight.plans.foreseen import planned_compounds
        from oversight.programme.deadlines import of_targets
        from oversight.programme.selectors import baseline_date, counts_towards_a_target

        provide_counting_rules(counting)
        provide_planned(planned_compounds)
        facts.watch_room("oversight", "oversight.programme.")
        facts.watch(PlanStep)  # what figures take from plans changes with a step
        provide_registration_date(baseline_date)
        provide_counted_area(counts_towards_a_target)
        provide_effects(effects, glance)
        followers.follow(ask_for_refresh)
        keepers.provide(RollUpKeeper())
        deadlines.provide("targets", of_targets)
        deadlines.provide("plans", of_plans)
        desk.provide("plans.to_review", to_review, place=25)
        desk.provide("plans.overdue", overdue, place=26)
        desk.provide("plans.to_write", to_write, place=27)
        health.provide("rollups", roll_ups_are_healthy, asks_database=True)
        for model in (Baseline, Clause, CountingRule, Milestone, PartVersion, Programme, TargetPart, TargetVersion):
            auditlog.register(model)
        auditlog.register(Target, m2m_fields={"divisions"})
        auditlog.register(PlanDeadline)
        for table in ("planstep", "plancomment"):
            triggers.protect(f"oversight_{table}")
        for table in ("planline", "plantotal"):
            triggers.freeze(f"oversight_{table}", "version_id", "oversight_planversion", "state <> 'draft'")
