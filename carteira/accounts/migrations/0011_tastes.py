from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_erase_rows")]

    operations = [
        migrations.AddField("membership", "tastes", models.TextField(blank=True, db_default="", default="")),
    ]
