from django.db import migrations

from carteira.core.walls.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_append_only")]

    # What a person wrote about a payment may be personal: it goes with the person. Amount, day and method never change.
    operations = [AppendOnly("Payment", except_columns=("customer_id", "note"))]
