import carteira.core.walls.models
import django.db.models.deletion
import django.db.models.functions.uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sessions"),
        ("core", "0006_statistics_after_imports"),
        ("customers", "0008_anonymised_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="birth_on",
            field=models.DateField(null=True, verbose_name="birth date"),
        ),
        migrations.AddField(
            model_name="customer",
            name="complement",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="complement"),
        ),
        migrations.AddField(
            model_name="customer",
            name="country",
            field=models.CharField(blank=True, db_default="", default="", max_length=2, verbose_name="country"),
        ),
        migrations.AddField(
            model_name="customer",
            name="district",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="neighbourhood"),
        ),
        migrations.AddField(
            model_name="customer",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="in charge",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="photo",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="core.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="postal_code",
            field=models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="postal code"),
        ),
        migrations.AddField(
            model_name="customer",
            name="search_more",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="customer",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="source"),
        ),
        migrations.AddField(
            model_name="customer",
            name="street",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="street"),
        ),
        migrations.AddField(
            model_name="customer",
            name="street_number",
            field=models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="house number"),
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, db_default="", default="", max_length=2, verbose_name="country"),
                ),
                (
                    "postal_code",
                    models.CharField(blank=True, db_default="", default="", max_length=12, verbose_name="postal code"),
                ),
                (
                    "street",
                    models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="street"),
                ),
                (
                    "street_number",
                    models.CharField(blank=True, db_default="", default="", max_length=20, verbose_name="house number"),
                ),
                (
                    "complement",
                    models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="complement"),
                ),
                (
                    "district",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=100, verbose_name="neighbourhood"
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=40, verbose_name="label")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("state", models.CharField(blank=True, max_length=50, verbose_name="state")),
                (
                    "account",
                    carteira.core.walls.models.AccountKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("role", models.CharField(blank=True, max_length=80, verbose_name="role")),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="e-mail")),
                ("phone", models.CharField(blank=True, max_length=20, verbose_name="phone")),
                ("document_kind", models.CharField(blank=True, max_length=10)),
                ("document", models.CharField(blank=True, max_length=30, verbose_name="document")),
                ("is_payer", models.BooleanField(default=False, verbose_name="pays")),
                (
                    "account",
                    carteira.core.walls.models.AccountKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="customers.customer",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_of",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(choices=[("email", "E-mail"), ("phone", "Phone")], max_length=5)),
                ("value", models.CharField(max_length=254)),
                ("label", models.CharField(blank=True, max_length=40, verbose_name="label")),
                (
                    "account",
                    carteira.core.walls.models.AccountKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="points",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("text", models.TextField(verbose_name="note")),
                ("important", models.BooleanField(default=False, verbose_name="important")),
                ("written_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(null=True)),
                (
                    "account",
                    carteira.core.walls.models.AccountKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)),
                fields=["account", "owner", "name_sort", "id"],
                name="customers_by_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["account", "customer", "id"], name="customers_address_customer"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["account", "customer", "id"], name="customers_contact_customer"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("other__isnull", False)), fields=["account", "other"], name="customers_contact_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_payer", True)), fields=("account", "customer"), name="customers_one_payer"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("other__isnull", False)),
                fields=("account", "customer", "other"),
                name="customers_contact_other_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other", None), models.Q(("other", models.F("customer")), _negated=True), _connector="OR"
                ),
                name="customers_contact_not_self",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other", None),
                    models.Q(("document", ""), ("email", ""), ("name", ""), ("phone", "")),
                    _connector="OR",
                ),
                name="customers_contact_of_one_sort",
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(fields=["account", "kind", "value"], name="customers_point_value"),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                fields=("account", "customer", "kind", "value"), name="customers_point_once"
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["account", "customer", "-important", "-id"], name="customers_note_customer"),
        ),
    ]
