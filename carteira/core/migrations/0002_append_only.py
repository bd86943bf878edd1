from django.db import migrations

from carteira.core.walls.operations import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    # Merging moves an event to the surviving customer; erasure empties what is personal; a removed user leaves a gap.
    operations = [AppendOnly("Event", except_columns=("customer_id", "personal", "by_id"))]
