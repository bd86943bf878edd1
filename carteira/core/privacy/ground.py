"""What the ground floor's own tables hold about people."""

from django.utils.translation import gettext_lazy as _

from carteira.core.privacy.holdings import Holding, holdings

holdings.add(
    "core.Event",
    Holding(
        _("History"),
        of="customer_id",
        erase={"personal": {}},
        # By contract of core.events: nothing personal in `what`.
        impersonal=("kind", "what"),
        recognised_by={"personal": "json"},
        export=("at", "kind", "what"),
    ),
    order=800,
)
# What a failing reaction said.
holdings.add("core.PendingEvent", Holding(_("Reactions"), erase={"error": ""}, impersonal=("reaction",)), order=810)
# A file without a room that claims it (`files`) is nobody's; its name goes with it.
holdings.add("core.StoredFile", Holding(_("Files"), erase={"name": "file"}, impersonal=("token", "right")), order=900)
holdings.add(
    "core.SheetImport",
    Holding(
        _("Imports"),
        erase={"file_name": "", "error": "", "mapping": {}, "sample": [], "notes": []},
        impersonal=("kind", "key", "language", "undo", "versions"),
        files=("file", "errors_file"),
    ),
    order=820,
)
holdings.add(
    "core.SheetLeftover", Holding(_("Imports"), of="customer_id", remove=True, impersonal=("reason", "what")), order=821
)
holdings.add(
    "core.SheetMapping",
    Holding(_("Saved columns"), erase={"name": ""}, impersonal=("kind", "fingerprint", "mapping", "key")),
    order=822,
)
holdings.add(
    "core.SheetExport",
    Holding(
        _("Exports"),
        # A search by name is kept in the filter.
        erase={"file_name": "", "error": "", "filter": {}},
        impersonal=("kind", "format", "right", "language"),
        files=("file",),
    ),
    order=825,
)
holdings.add("core.Counter", Holding(_("Counters"), impersonal=("name",)), order=830)
holdings.add(
    "core.PersonRequest",
    Holding(
        _("Requests about personal data"),
        of="person_id",
        impersonal=("error", "result"),
        files=("file",),
        export=("kind", "created_at"),
    ),
    order=840,
)
holdings.add("core.PersonTrace", Holding(_("Traces"), impersonal=("digest",)), order=850)
