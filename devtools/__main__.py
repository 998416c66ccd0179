"""Entry for ``python devtools/__main__.py``, which is how ``./dev`` starts the package."""

import sys
from pathlib import Path

# Python put devtools/ itself first on the path; its modules are to be found as devtools.x only.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from devtools.cli import main  # noqa: E402

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
