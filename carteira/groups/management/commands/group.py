"""carteira group --account SLUG list | members NAME | create NAME: as the groups' screens do."""

import json
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.core import dates
from carteira.core.management.base import CarteiraCommand
from carteira.core.ui.formats import number
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.groups import queries
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.names import clean_name, name_sort
from carteira.groups.truth import Truth


class Command(CarteiraCommand):
    help = "Lists the groups of customers and who belongs to one, or makes a group, by hand or by a rule."
    takes_account = "required"
    takes_json = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["list", "members", "create"], help="what to do")
        parser.add_argument("name", nargs="?", default="", help="the group's name, for members and create")
        parser.add_argument("--rule", metavar="JSON", help="of create: who belongs to it (carteira/groups/README.md)")

    def handle(self, *args: Any, **options: Any) -> None:
        act, name = options["act"], options["name"]
        if act == "list" and name:
            self.wrong_usage(_("list takes no name."))
        if act != "list" and not name:
            self.wrong_usage(_("Say the name of the group."))
        if options["rule"] is not None and act != "create":
            self.wrong_usage(_("--rule is for create only."))
        account = self.account_of(options)
        with scope(account.pk):
            told = getattr(self, f"_{act}")(account, name, options)
        if options["json"]:
            self.say_json(told)

    def _list(self, account: Any, name: str, options: Any) -> dict[str, Any]:
        found = [
            {
                "name": one.group.name if one.group else None,
                "id": one.group.pk if one.group else None,
                "by_rule": bool(one.group and one.group.by_rule),
                "members": one.members,
                "delinquent": one.delinquent,
            }
            for one in queries.panel(view_of(account, now=dates.now()))
        ]
        if not options["json"]:
            for one in found:
                label = one["name"] or _("Without group")
                self.stdout.write(f"{label:40}{number(one['members']):>12}{number(one['delinquent']):>12}")
        return {"groups": found}

    def _members(self, account: Any, name: str, options: Any) -> dict[str, Any]:
        """Those of today, by the rule itself; the archived rest and are not told."""
        group = Group.objects.filter(name_sort=name_sort(name), deleted_at=None).first()
        if group is None:
            self.refuse(_("There is no group “%(name)s”.") % {"name": name})
        truth = Truth.of(account, view_of(account, now=dates.now()))
        living = truth.members(group).filter(archived_on=None).order_by("name_sort", "id")
        found = [
            {"number": row[0], "code": row[1], "name": row[2], "cause": row[3]}
            for row in living.values_list("number", "code", "name", "cause")
        ]
        if not options["json"]:
            for one in found:
                self.stdout.write(f"#{one['number']:<8} {one['name']}")
        return {"group": group.name, "count": len(found), "members": found}

    def _create(self, account: Any, name: str, options: Any) -> dict[str, Any]:
        rule = None
        if options["rule"] is not None:
            try:
                rule = json.loads(options["rule"])
            except (ValueError, RecursionError):
                self.refuse(_("The rule is not JSON."))
            if rule is None:
                self.refuse(_("A rule is made of conditions."))
        group = make_group(account, name=clean_name(name), rule=rule, by=None, now=dates.now())
        text = ngettext("“%(name)s” made with %(n)s customer.", "“%(name)s” made with %(n)s customers.", group.members)
        self.stdout.write(text % {"name": group.name, "n": number(group.members)})
        return {
            "id": group.pk, "name": group.name, "by_rule": group.by_rule, "members": group.members, "rule": group.rule
        }  # fmt: skip
