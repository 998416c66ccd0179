"""Loads a CRM history into a database: ``load_child.py DATABASE FOLDER``.

Runs in Odoo's Python, with ODOO_RC naming the database. Its last line is JSON: the counts, or
``{"faults": [a sentence for each]}`` where the files cannot be loaded; then nothing is written.
"""

import json
import sys
from pathlib import Path

import odoo.init  # noqa: F401  fills the namespace `odoo`; must come first
from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.modules.registry import Registry
from odoo.tools import config


def main(database, folder):
    config.parse_config(["--no-http", "--log-level=warn"], setup_logging=True)
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from devtools.crm_history import load

    registry = Registry(database)
    try:
        with registry.cursor() as cursor:
            counts = load(Environment(cursor, SUPERUSER_ID, {}), Path(folder))
    except ValueError as error:  # HistoryError is one
        print(json.dumps({"faults": str(error).splitlines()}))
        return
    # A server that has the database open drops what it remembers of it.
    registry.signal_changes()
    print(json.dumps(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
