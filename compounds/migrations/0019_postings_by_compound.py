from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compounds", "0018_entries_by_mention"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="posting",
            name="posting_by_compound",
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                fields=[
                    "compound",
                    "effective_on",
                    "entry",
                    "community",
                    "category",
                    "mode",
                    "area_dm2",
                    "households",
                ],
                name="posting_by_compound",
            ),
        ),
    ]
