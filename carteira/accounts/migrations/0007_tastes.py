from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_sign_ins")]

    operations = [
        migrations.AddField("membership", "tastes", models.TextField(blank=True, db_default="", default="")),
    ]
