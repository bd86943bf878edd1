"""The process that sets one document: standard input is a JSON object, standard output the PDF.

It gives itself limits before it reads the first byte. No Django here.
"""

import json
import os
import resource
import sys
from pathlib import Path

MEMORY = 1_500_000_000  # address space: fonts are mapped into it, the document itself takes some tens of MB
SECONDS = 10
FILE = 20_000_000


def main() -> None:
    restrict()
    out = os.dup(1)
    os.dup2(2, 1)  # whatever the library prints must not end up in the document
    asked = json.loads(sys.stdin.buffer.read())

    import typst

    template = Path(asked["template"])
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        sys_inputs={"data": asked["data"]},
        # Packages are neither looked for nor fetched.
        package_path=os.devnull,
        package_cache_path=os.devnull,
    )
    document = compiler.compile(format="pdf", timestamp=asked["at"])
    with open(out, "wb") as file:
        file.write(document)


def restrict() -> None:
    for which, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (allowed, allowed))


if __name__ == "__main__":
    main()
