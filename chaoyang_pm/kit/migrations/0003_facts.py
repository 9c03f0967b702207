from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0002_portal"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactsEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edits", models.BigIntegerField()),
                ("stamp", models.BigIntegerField()),
            ],
        ),
    ]
