"""Indexes that hold what the lists ask, so that lists read index pages only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_number_once",
        ),
        migrations.RemoveConstraint(
            model_name="span",
            name="customers_span_once",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_name",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_registration",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_last_paid",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_archived",
        ),
        migrations.RemoveIndex(
            model_name="span",
            name="customers_span_start",
        ),
        migrations.RemoveIndex(
            model_name="span",
            name="customers_span_gap",
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["account", "name_sort", "id"],
                include=(
                    "archived_on",
                    "last_paid_on",
                    "oldest_due_on",
                    "registered_on",
                    "city_sort",
                    "counted_from",
                    "first_paid_on",
                ),
                name="customers_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["account", "registered_on", "id"],
                include=("archived_on", "last_paid_on", "oldest_due_on", "city_sort", "counted_from", "first_paid_on"),
                name="customers_by_registration",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("archived_on", None)),
                fields=["account", "last_paid_on", "id"],
                include=("oldest_due_on", "registered_on", "city_sort"),
                name="customers_by_last_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("archived_on__isnull", False)),
                fields=["account", "last_paid_on", "id"],
                include=("archived_on", "oldest_due_on", "registered_on", "city_sort"),
                name="customers_archived",
            ),
        ),
        migrations.AddIndex(
            model_name="span",
            index=models.Index(
                fields=["account", "kind", "since_on", "customer"],
                include=("from_on", "until_on"),
                name="customers_span_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="span",
            index=models.Index(
                condition=models.Q(
                    ("kind", "paid"),
                    models.Q(("since_on", None), ("since_on__lt", models.F("from_on")), _connector="OR"),
                ),
                fields=["account", "from_on", "until_on"],
                include=("customer", "since_on"),
                name="customers_span_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                fields=("account", "number"),
                include=(
                    "id",
                    "archived_on",
                    "last_paid_on",
                    "oldest_due_on",
                    "registered_on",
                    "city_sort",
                    "counted_from",
                    "first_paid_on",
                ),
                name="customers_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="span",
            constraint=models.UniqueConstraint(
                fields=("account", "customer", "kind", "from_on"),
                include=("until_on", "since_on"),
                name="customers_span_once",
            ),
        ),
    ]
