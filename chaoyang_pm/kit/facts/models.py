from django.db import models


class FactsEdit(models.Model):
    """Edits that were committed; the version is the sum over all rows.

    Written by the database's triggers only. A sum, because numbers are given out before they are committed: the newest
    number of a sequence says nothing about a slower transaction with a smaller one. ``stamp`` is random, so that a
    database that was restored and edited anew never comes to the same version by another way.
    """

    edits = models.BigIntegerField()
    stamp = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.edits}:{self.stamp}"
