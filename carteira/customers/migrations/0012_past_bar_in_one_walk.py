"""One index answers what two did: who was counted by a day, and who of them had paid by then.

Every payment writes every index of its customer, so each one less is felt in imports and at the counter.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0011_lists_by_owner")]

    operations = [
        migrations.RemoveIndex(model_name="customer", name="customers_by_counted_from"),
        migrations.RemoveIndex(model_name="customer", name="customers_by_first_paid"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["account", "counted_from", "first_paid_on"], name="customers_by_counted_from"),
        ),
    ]
