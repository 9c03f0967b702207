from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("compounds", "0010_handed_in"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                fields=["community", "compound"],
                name="posting_taking_away",
                condition=Q(
                    ("kind__in", ["register", "resurvey", "relocate", "merge", "split", "deregister"]),
                    Q(("area_dm2__lt", 0), ("households__lt", 0), _connector="OR"),
                ),
            ),
        ),
    ]
