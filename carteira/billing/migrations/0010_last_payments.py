from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_what_was_paid")]

    operations = [
        migrations.RemoveIndex(model_name="payment", name="billing_payments_of"),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                fields=["account", "customer", "paid_on", "id"],
                include=("amount", "method", "reverses"),
                name="billing_last_payments",
            ),
        ),
    ]
