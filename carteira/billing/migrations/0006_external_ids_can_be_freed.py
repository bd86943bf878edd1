from django.db import migrations

from carteira.core.walls.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_letterhead")]

    # An import that was taken back lets go of its external ids, so that the corrected file can bring them again.
    operations = [AppendOnly("Payment", except_columns=("customer_id", "note", "external_id"))]
