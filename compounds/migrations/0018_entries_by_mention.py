from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compounds", "0017_workbook_of_buildings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("provider_to", ""), _negated=True),
                fields=["provider_to"],
                name="entry_by_provider",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("basis_no", ""), _negated=True),
                fields=["basis_no", "height"],
                name="entry_by_basis_no",
            ),
        ),
    ]
