"""The times of reports are given by whoever takes the step; nothing of the tables changes."""

from django.db import migrations, models

import compounds.reports.clock


class Migration(migrations.Migration):
    dependencies = [("compounds", "0024_pilots")]

    operations = [
        # In the state only: SQLite would make the tables anew, without the triggers that guard them.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="report",
                    name="created_at",
                    field=models.DateTimeField(default=compounds.reports.clock.now, verbose_name="Written at"),
                ),
                migrations.AlterField(
                    model_name="report",
                    name="waiting_since",
                    field=models.DateTimeField(default=compounds.reports.clock.now, verbose_name="Waiting since"),
                ),
                migrations.AlterField(
                    model_name="reportstep", name="at", field=models.DateTimeField(verbose_name="At")
                ),
            ]
        )
    ]
