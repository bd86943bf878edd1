"""`python -m carteira` is the `carteira` program."""

import sys

from carteira.config.manage import main

sys.exit(main())
