import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


def appoint_everybody(apps, schema_editor):
    """Give accounts made before there were roles the role they had in effect, from their first day on."""
    user_model, appointment = apps.get_model("communities", "User"), apps.get_model("communities", "Appointment")
    city = apps.get_model("communities", "Division").objects.filter(level="city").first()
    for user in user_model.objects.all():
        since = user.date_joined.date()
        if user.is_superuser:
            appointment.objects.create(user=user, role="admin", since=since)
        elif city:
            appointment.objects.create(user=user, role="bureau", division=city, since=since)


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Department",
            fields=[
                ("code", models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="Code")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="Name")),
                ("clause", models.CharField(blank=True, max_length=10, verbose_name="Clause")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="Position")),
            ],
            options={
                "verbose_name": "Department",
                "verbose_name_plural": "Departments",
                "ordering": ["position", "code"],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="must_change_password",
            field=models.BooleanField(default=False, verbose_name="Must change the password"),
        ),
        migrations.AddField(
            model_name="user",
            name="second_factor_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="Second factor since"),
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("bureau", "City bureau"),
                            ("leader", "City leader"),
                            ("department", "City department"),
                            ("county", "County authority"),
                            ("subdistrict", "Subdistrict office"),
                            ("committee", "Community committee"),
                            ("auditor", "Auditor"),
                            ("admin", "System administrator"),
                        ],
                        max_length=12,
                        verbose_name="Role",
                    ),
                ),
                ("since", models.DateField(verbose_name="Since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "division",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.division",
                        verbose_name="Division",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Appointed by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="User",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.department",
                        verbose_name="Department",
                    ),
                ),
            ],
            options={
                "verbose_name": "Appointment",
                "verbose_name_plural": "Appointments",
                "ordering": ["division", "role", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 4
                                ),
                                ("division__isnull", False),
                                ("role", "bureau"),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 4
                                ),
                                ("division__isnull", False),
                                ("role", "leader"),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 4
                                ),
                                ("division__isnull", False),
                                ("role", "department"),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 6
                                ),
                                ("division__isnull", False),
                                ("role", "county"),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 9
                                ),
                                ("division__isnull", False),
                                ("role", "subdistrict"),
                            ),
                            models.Q(
                                django.db.models.lookups.Exact(
                                    django.db.models.functions.text.Length("division_id"), 12
                                ),
                                ("division__isnull", False),
                                ("role", "committee"),
                            ),
                            models.Q(("division__isnull", True), ("role", "auditor")),
                            models.Q(("division__isnull", True), ("role", "admin")),
                            _connector="OR",
                        ),
                        name="appointment_role_fits_its_division",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("department__isnull", False), ("role", "department")),
                            models.Q(models.Q(("role", "department"), _negated=True), ("department__isnull", True)),
                            _connector="OR",
                        ),
                        name="appointment_department_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="appointment_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        models.F("user"),
                        models.F("role"),
                        django.db.models.functions.comparison.Coalesce("division_id", models.Value("")),
                        django.db.models.functions.comparison.Coalesce("department_id", models.Value("")),
                        condition=models.Q(("until__isnull", True)),
                        name="appointment_open_once",
                    ),
                ],
            },
        ),
        # Until now an account was the administrator's or one of the bureau's staff.
        migrations.RunPython(appoint_everybody, migrations.RunPython.noop),
    ]
