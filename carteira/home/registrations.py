"""What home plugs into the ground floor and the customers' list."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from carteira.accounts.roles import Right
from carteira.core.files.sweep import sweep
from carteira.core.jobs import clocks
from carteira.core.registries import MenuEntry, Verifier, menu, verifiers
from carteira.core.sheets import verify
from carteira.core.sheets.exports.forget import forget_exports
from carteira.core.sheets.forget import forget_files
from carteira.customers.registries import ListAction, list_actions
from carteira.home import help_pages  # noqa: F401

clocks.register("home.sweep_files", sweep)
clocks.register("home.forget_imported_files", forget_files)
clocks.register("home.forget_exports", forget_exports)
list_actions.add("imports", ListAction(pgettext_lazy("verb", "Import"), "upload", "imports:list", Right.IMPORT))
menu.add("assistant", MenuEntry(_("Assistant"), "home", "start", right=Right.ENTER), order=10)
menu.add(
    "imports",
    MenuEntry(_("Imports"), "upload", "imports:list", section=_("Relationship"), right=Right.IMPORT),
    order=29,
)
verifiers.add("imports.counts", Verifier("imports account for every line", verify.counts_add_up), order=80)
verifiers.add("files.bytes", Verifier("stored files are there", verify.files_are_there), order=81)
