"""Document, e-mail and phone are looked up in the search entries, which payments do not touch.

A payment changes its customer's cached days, and with them every index of the customers' table; these three, each in an
order of its own, were more than a third of that.
"""

from django.db import migrations, models
from django.db.models import Q

_COLUMNS = {"document": 30, "email": 254, "phone": 20}


def fill(apps, schema_editor):
    # The owner of the tables stands behind the wall as well: account by account.
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account")
        accounts = [row[0] for row in cursor.fetchall()]
        for account in accounts:
            cursor.execute(f"SET LOCAL carteira.account = '{account}'")
            cursor.execute(
                "UPDATE customers_searchentry e SET document = c.document, email = c.email, phone = c.phone"
                " FROM customers_customer c WHERE e.account_id = %(account)s AND c.account_id = %(account)s"
                " AND c.id = e.customer_id AND (c.document, c.email, c.phone) <> ('', '', '')",
                {"account": account},
            )
        cursor.execute("SET LOCAL carteira.account = ''")
    # Else the tables have events of foreign keys waiting, and cannot be altered in this transaction.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("customers", "0012_past_bar_in_one_walk")]

    operations = [
        *(migrations.RemoveIndex(model_name="customer", name=f"customers_by_{name}") for name in _COLUMNS),
        *(
            migrations.AddField(
                model_name="searchentry",
                name=name,
                field=models.CharField(blank=True, db_default="", default="", max_length=length),
            )
            for name, length in _COLUMNS.items()
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        *(
            migrations.AddIndex(
                model_name="searchentry",
                index=models.Index(fields=["account", name], condition=~Q(**{name: ""}), name=f"customers_by_{name}"),
            )
            for name in _COLUMNS
        ),
    ]
