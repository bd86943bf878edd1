"""Lists by the person in charge, read from index pages only."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_tastes"),
        ("core", "0009_imports_taken_back_and_saved_columns"),
        ("customers", "0010_bulk_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="customer",
            name="customers_number_once",
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
            name="customers_by_archived",
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_by_owner",
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
                    "owner",
                ),
                name="customers_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["account", "registered_on", "id"],
                include=(
                    "archived_on",
                    "last_paid_on",
                    "oldest_due_on",
                    "city_sort",
                    "counted_from",
                    "first_paid_on",
                    "owner",
                ),
                name="customers_by_registration",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("archived_on__isnull", False)),
                fields=["account", "archived_on", "id"],
                include=(
                    "last_paid_on",
                    "oldest_due_on",
                    "registered_on",
                    "city_sort",
                    "counted_from",
                    "first_paid_on",
                    "owner",
                ),
                name="customers_by_archived",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)),
                fields=["account", "owner", "name_sort", "id"],
                include=(
                    "archived_on",
                    "last_paid_on",
                    "oldest_due_on",
                    "registered_on",
                    "city_sort",
                    "counted_from",
                    "first_paid_on",
                ),
                name="customers_by_owner",
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
                    "owner",
                ),
                name="customers_number_once",
            ),
        ),
    ]
