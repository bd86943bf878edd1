"""What home plugs into the ground floor."""

from carteira.core.files.sweep import sweep
from carteira.core.jobs import clocks
from carteira.core.sheets.forget import forget_files

clocks.register("home.sweep_files", sweep)
clocks.register("home.forget_imported_files", forget_files)
