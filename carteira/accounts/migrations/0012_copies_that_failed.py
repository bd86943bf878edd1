from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_tastes"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountcopy",
            name="error",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="accountcopy",
            name="failed_at",
            field=models.DateTimeField(null=True),
        ),
    ]
