import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compounds", "0014_buildings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="synonym", name="synonym_means_one_thing"),
        migrations.AddField(
            model_name="synonym",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="Withdrawn at"),
        ),
        migrations.AddField(
            model_name="synonym",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="Withdrawn by",
            ),
        ),
        migrations.AddConstraint(
            model_name="synonym",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("field", "word"), name="synonym_means_one_thing"
            ),
        ),
    ]
