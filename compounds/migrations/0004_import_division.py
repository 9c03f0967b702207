import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_accounts_without_flags"),
        ("compounds", "0003_known_apart"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="division",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="communities.division",
                verbose_name="Division",
            ),
        ),
    ]
