from django.db import migrations

from carteira.core.walls.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    # A merge moves a payment to the surviving customer; its amount, day and method never change.
    operations = [AppendOnly("Payment", except_columns=("customer_id",))]
