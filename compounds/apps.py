from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CompoundsConfig(AppConfig):
    name = "compounds"
    verbose_name = _("Compounds and ledger")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from chaoyang_pm.kit.desk import registry as desk
        from chaoyang_pm.kit.facts import triggers as facts
        from chaoyang_pm.kit.health import checks as health
        from chaoyang_pm.kit.operations import keepers
        from communities.divisions.contents import provide_contents
        from communities.notices import deadlines
        from compounds.approvals import notices  # noqa: F401 — importing declares their kinds
        from compounds.approvals.desk import waiting
        from compounds.ledger import checks, triggers
        from compounds.ledger.backups import LedgerKeeper
        from compounds.models import (
            Attachment,
            Building,
            ColumnMapping,
            Compound,
            EvidenceRule,
            ExtensionRight,
            FeeYear,
            KnownApart,
            MappedColumn,
            Pilot,
            Procedure,
            ProcedureKind,
            ProcedureStep,
            Proposal,
            Report,
            ReturnDeadline,
            ReviewDays,
            SecondPerson,
            ServicePoint,
            SkippedLevel,
            StepRecord,
            Synonym,
            Tender,
            TenderRule,
            Vote,
            VoteRule,
        )
        from compounds.register.selectors import in_division
        from compounds.reports.desk import returned, to_check
        from compounds.returns.desk import to_hand_in
        from compounds.returns.notices import of_returns

        deadlines.provide("returns", of_returns)
        facts.watch(
            Compound, Building, Procedure, ProcedureKind, ProcedureStep, StepRecord, Vote, Tender, FeeYear,
            ServicePoint, Pilot, Report,
        )  # fmt: skip
        provide_contents("compounds", in_division)
        auditlog.register(Compound, exclude_fields=["normalised_name", "name_stem", "initials", "updated_at"])
        auditlog.register(Building, exclude_fields=["compound", "updated_at"])
        auditlog.register(KnownApart)
        auditlog.register(Attachment)
        auditlog.register(Proposal, exclude_fields=["effects", "arguments"])
        auditlog.register(SecondPerson)
        auditlog.register(SkippedLevel)
        auditlog.register(ReturnDeadline)
        auditlog.register(ExtensionRight)
        auditlog.register(ReviewDays)
        auditlog.register(ColumnMapping, exclude_fields=["updated_at"])
        auditlog.register(MappedColumn)
        auditlog.register(Synonym)
        for table in ("reportstep", "reportcomment", "steprecord", "vote", "returnstep"):
            triggers.protect(f"compounds_{table}")
        for model in (
            EvidenceRule, ProcedureKind, ProcedureStep, VoteRule, TenderRule, Tender, FeeYear, ServicePoint,
            Pilot,
        ):  # fmt: skip
            auditlog.register(model)
        desk.provide("reports.to_check", to_check, place=10)
        desk.provide("returns", to_hand_in, place=15)
        desk.provide("reports.returned", returned, place=20)
        desk.provide("approvals", waiting, place=30)
        keepers.provide(LedgerKeeper())
        health.provide("triggers", checks.triggers_are_healthy, asks_database=True)
        # SQLite rebuilds a table to alter it and drops its triggers silently: they are put back after every migrate.
        post_migrate.connect(triggers.after_migrate, sender=self)
