"""Every screen, by name: what the accessibility test walks and `make tour` takes pictures of.

A path may hold {customer} (an ordinary one), {archived}, {lead} or {delinquent}, a {member}, a {group} by rule, or an own {field}: found on the demo's own lists.
"""

from typing import Any

SIGNED_OUT = {
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "password-reset": "/accounts/password/reset/",
}
SIGNED_IN = {
    "assistant": "/aurora/",
    "customers": "/aurora/customers/",
    "customers-inactive": "/aurora/customers/?state=inactive",
    "customers-archived": "/aurora/customers/?state=archived",
    "customers-delinquent": "/aurora/customers/?delinquent=1",
    "customers-none": "/aurora/customers/?q=zzzzqqq",
    "customers-columns": "/aurora/customers/columns/",
    "customers-fields": "/aurora/customers/fields/",
    "customers-field-new": "/aurora/customers/fields/new/",
    "customers-field": "/aurora/customers/fields/{field}/",
    "customers-field-kind": "/aurora/customers/fields/{field}/type/?kind=text",
    "customers-bulk": "/aurora/customers/bulk/",
    "customer-new": "/aurora/customers/new/",
    "customer-card": "/aurora/customers/{customer}/",
    "customer-card-delinquent": "/aurora/customers/{delinquent}/",
    "customer-card-archived": "/aurora/customers/{archived}/",
    "customer-info": "/aurora/customers/{customer}/tab/info/",
    "customer-payments": "/aurora/customers/{customer}/tab/payments/",
    "customer-payments-delinquent": "/aurora/customers/{delinquent}/tab/payments/",
    "customer-history": "/aurora/customers/{customer}/tab/history/",
    "customer-edit": "/aurora/customers/{customer}/edit/",
    "customer-archive": "/aurora/customers/{customer}/archive/",
    "payment-record": "/aurora/billing/customers/{delinquent}/pay/",
    "invoice-new": "/aurora/billing/customers/{customer}/invoice/",
    "customer-archive-refused": "/aurora/customers/{delinquent}/archive/",
    "invoices": "/aurora/billing/invoices/",
    "invoices-overdue": "/aurora/billing/invoices/?month=all&status=overdue",
    "invoices-none": "/aurora/billing/invoices/?q=zzzzqqq",
    "invoice-choose": "/aurora/customers/choose/?act=billing.invoice",
    "payment-split": "/aurora/billing/customers/{delinquent}/split/?amount=2500,00",
    "invoices-of-one": "/aurora/billing/customers/{customer}/invoices/",
    "help": "/aurora/help/",
    "help-activity": "/aurora/help/activity/",
    "help-members": "/aurora/help/members/",
    "palette": "/aurora/palette/?q=ana",
    "tasks": "/aurora/tasks/?who=all",
    "tasks-mine": "/aurora/tasks/",
    "tasks-done": "/aurora/tasks/?who=all&done=1",
    "tasks-none": "/aurora/tasks/?who=none&due=late",
    "task-choose": "/aurora/customers/choose/?act=tasks.new&q=a",
    "task-new": "/aurora/tasks/customers/{customer}/new/",
    "customer-delete": "/aurora/customers/{lead}/delete/",
    "customer-delete-refused": "/aurora/customers/{delinquent}/delete/",
    "customer-merge-choose": "/aurora/customers/{customer}/merge/?q=a",
    "duplicates": "/aurora/customers/duplicates/",
    "customer-merge": "/aurora/customers/{customer}/merge/{delinquent}/",
    "customer-person": "/aurora/customers/{customer}/person/",
    "customer-anonymise": "/aurora/customers/{customer}/person/anonymise/",
    "customer-anonymise-refused": "/aurora/customers/{delinquent}/person/anonymise/",
    "customers-saved": "/aurora/customers/?city=Recife&state=active",
    "groups": "/aurora/groups/",
    "group-new": "/aurora/groups/new/",
    "group": "/aurora/groups/{group}/",
    "group-rule": "/aurora/groups/{group}/rule/",
    "customers-of-group": "/aurora/customers/?group={group}",
    "invoices-of-group": "/aurora/billing/invoices/?group={group}",
    "help-groups": "/aurora/help/groups/",
    "imports": "/aurora/imports/",
    "import-new": "/aurora/imports/new/payments/",
    "import-new-customers": "/aurora/imports/new/customers/",
    "imports-saved": "/aurora/imports/columns/",
    "exports": "/aurora/exports/",
    "settings": "/aurora/settings/",
    "settings-close": "/aurora/settings/close/",
    "settings-address": "/aurora/settings/address/",
    "kept-mails": "/_mail/",
    "settings-holidays": "/aurora/settings/holidays/",
    "settings-printed": "/aurora/billing/settings/",
    "settings-members": "/aurora/settings/members/",
    "settings-member": "/aurora/settings/members/{member}/",
    "settings-requests": "/aurora/settings/privacy/",
    "settings-requests-none": "/aurora/settings/privacy/?q=2001-000001",
    "profile": "/aurora/settings/profile/",
    "security": "/aurora/settings/security/",
    "settings-log": "/aurora/settings/log/",
    "settings-log-changes": "/aurora/settings/log/?show=changes",
    "prove-again": "/accounts/again/",
    "choose-account": "/accounts/",
    "open-account": "/accounts/new/",
    "not-found": "/aurora/customers/nothing-here/",
}


def find_ids(page: Any) -> dict[str, str]:
    """One customer of each sort, read off the lists."""
    found = {}
    for name, filters in (
        ("customer", "state=active"),
        ("lead", "state=lead"),
        ("delinquent", "delinquent=1"),
        ("archived", "state=archived"),
    ):
        page.goto(f"/aurora/customers/?{filters}")
        address = page.locator("table a.row-link").first.get_attribute("href")
        found[name] = address.rstrip("/").split("/")[-1].split("?")[0]
    page.goto("/aurora/settings/members/")
    found["member"] = page.locator("table a.row-link").last.get_attribute("href").rstrip("/").split("/")[-1]
    page.goto("/aurora/groups/")
    address = page.locator("a.groups-name[href*='group=']", has_text="Médios").get_attribute("href")
    found["group"] = address.split("group=")[-1]
    page.goto("/aurora/customers/fields/")
    found["field"] = page.locator("#own-fields a").first.get_attribute("href").rstrip("/").split("/")[-1]
    return found
