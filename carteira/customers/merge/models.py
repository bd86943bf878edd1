"""What a merge keeps so that it can be taken back to the last byte."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled

# Who is merged and had a code.
_CODED = Q(undone_at=None) & ~Q(merged_code="")


class CustomerMerge(Walled):
    """One customer that became part of another; its own row is gone from the customers, and stands in `before`.

    No foreign keys: whoever is merged is no customer any more, and the history outlives both. `kept_id` is whom it was
    merged into, `survivor_id` where its rows are now: the same, until the kept one is merged in turn.
    """

    kept_id = models.UUIDField()
    merged_id = models.UUIDField()
    survivor_id = models.UUIDField()
    merged_number = models.BigIntegerField()
    merged_code = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    # {"merged": its whole row, "old"/"new": {column: value} of the kept one's columns that the merge changed}; empty
    # once it was undone, or the person was anonymised: then nothing brings it back.
    before = models.JSONField(default=dict)
    # {mover: [rows of the kept one, rows of the merged one]} and sums, as they were.
    counted = models.JSONField(default=dict)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=["account", "merged_id"], condition=Q(undone_at=None), name="customers_merged_once"
            ),
        )
        indexes = (
            models.Index(fields=["account", "survivor_id", "-id"], name="customers_merge_survivor"),
            models.Index(fields=["account", "-id"], name="customers_merge_latest"),
            models.Index(fields=["account", "merged_code"], condition=_CODED, name="customers_merge_code"),
            models.Index(fields=["account", "merged_number"], name="customers_merge_number"),
        )

    def __str__(self) -> str:
        return f"{self.merged_number} → {self.kept_id}"


class MergedRows(Walled):
    """What a merge did to the rows of one table (customers.merge.movers).

    `moved`: rows that changed their customer. `gone`: whole rows that gave way to the kept one's own. `made`: rows that
    came to be, such as a further e-mail. `changed`: [{"id", "column", "old", "new"}] besides.
    """

    merge = models.ForeignKey(CustomerMerge, models.CASCADE, related_name="rows", db_index=False)
    mover = models.CharField(max_length=120)
    moved = ArrayField(models.UUIDField(), default=list)
    gone = models.JSONField(default=list)
    made = models.JSONField(default=list)
    changed = models.JSONField(default=list)

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "merge", "mover"], name="customers_merged_rows_once"),
        )

    def __str__(self) -> str:
        return self.mover


class DuplicatePair(Walled):
    """Two customers that may be the same one (merge/find.py finds them); the one registered earlier comes first.

    `same`: bits of Same. `rank`: the most telling of them, to sort by. A pair of which somebody said that they are not
    the same stays, so that nobody is asked twice.
    """

    class Same(models.IntegerChoices):
        DOCUMENT = 1, _("same document")
        EMAIL = 2, _("same e-mail")
        PHONE = 4, _("same phone")
        BIRTH = 8, _("same name and birth date")
        NAME = 16, _("similar name, same city")

    first = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False)
    same = models.BigIntegerField()
    rank = models.BigIntegerField()
    # The search that found it last.
    found_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta(Walled.Meta):
        constraints = (
            models.UniqueConstraint(fields=["account", "first", "second"], name="customers_pair_once"),
            models.CheckConstraint(condition=~Q(first=models.F("second")), name="customers_pair_of_two"),
        )
        indexes = (
            models.Index(
                fields=["account", "rank", "id"], condition=Q(dismissed_at=None), name="customers_pair_to_review"
            ),
            models.Index(fields=["account", "second"], name="customers_pair_second"),
        )

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"


class DuplicateSearch(Walled):
    """The last search for duplicates in an account; one row an account. `step`: kinds of sameness looked through."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    step = models.BigIntegerField(default=0)

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account"], name="customers_duplicate_search_once"),)

    def __str__(self) -> str:
        return f"{self.started_at} {self.step}"
