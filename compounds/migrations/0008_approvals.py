import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_accounts_without_flags"),
        ("compounds", "0007_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondPerson",
            fields=[
                (
                    "division",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="communities.division",
                        verbose_name="County",
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="Asked at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "Second person",
                "verbose_name_plural": "Second persons",
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("record", "Record a change"),
                            ("correct", "Correct an entry"),
                            ("reverse", "Withdraw an entry"),
                            ("relocate", "Relocate a compound"),
                            ("merge", "Merge compounds"),
                            ("split", "Split a compound"),
                            ("withdraw_split", "Withdraw a split"),
                            ("import", "Post a workbook"),
                            ("undo_import", "Undo an import"),
                        ],
                        max_length=16,
                        verbose_name="What",
                    ),
                ),
                ("arguments", models.JSONField(verbose_name="Arguments")),
                ("effects", models.JSONField(default=list, verbose_name="Effects")),
                ("height", models.BigIntegerField(verbose_name="Version when entered")),
                ("key", models.CharField(max_length=120, verbose_name="Key")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("posted", "Posted"),
                            ("returned", "Returned"),
                            ("withdrawn", "Withdrawn by whoever entered it"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="State",
                    ),
                ),
                ("needs_second", models.BooleanField(default=False, verbose_name="Needs a second person")),
                ("needs_city", models.BooleanField(default=False, verbose_name="Needs the city's approval")),
                ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="Entered at")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="Reviewed at")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="Approved at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="Ended at")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="Comment")),
                ("first_height", models.BigIntegerField(blank=True, null=True, verbose_name="First version")),
                ("last_height", models.BigIntegerField(blank=True, null=True, verbose_name="Last version")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Approved by",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Returned by",
                    ),
                ),
                (
                    "compound",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compounds.compound",
                        verbose_name="Compound",
                    ),
                ),
                (
                    "division",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.division",
                        verbose_name="County",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Entered by",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Reviewed by",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compounds.importrun",
                        verbose_name="Import",
                    ),
                ),
            ],
            options={
                "verbose_name": "Proposal",
                "verbose_name_plural": "Proposals",
                "ordering": ["-proposed_at"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["division"], name="proposal_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("key",), name="proposal_waits_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("needs_second", True), ("needs_city", True), _connector="OR"),
                        name="proposal_needs_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by__isnull", True),
                            models.Q(("reviewed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="proposal_second_person_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "posted"), _negated=True),
                            models.Q(
                                models.Q(("needs_second", False), ("reviewed_by__isnull", False), _connector="OR"),
                                models.Q(("needs_city", False), ("approved_by__isnull", False), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_posts_when_all_agreed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(("comment", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="proposal_returned_with_a_comment",
                    ),
                ],
            },
        ),
    ]
