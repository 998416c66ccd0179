"""The demo company as it works: 15 people abroad, what they did in a year, what they agreed on.

Told when all applications are loaded, since some of the ready indicators come with them: without
Sales there are no orders and no line about them. What is made hangs on today: the quarter under
way has records up to yesterday whenever this is told, and a year lies behind it.
"""

import logging

from psycopg2 import Error

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError

from . import agreed, chinese, done, orders, people
from .days import Days

_logger = logging.getLogger(__name__)

ADDON = "expat_kpi_connectors"
# Nobody is to be told of what happened before the story begins.
QUIET = {
    "lang": "en_US",
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notify_force_send": False,
    "no_reset_password": True,
}


def tell(env):
    """Make all of it; as with other demo data, a failure does not keep the addon from working."""
    try:
        with env.cr.savepoint():
            _tell(env(user=SUPERUSER_ID, su=True, context=QUIET))
    # What a record may be refused for, by Odoo, by PostgreSQL, or since something is not there.
    except (UserError, Error, ValueError, KeyError, AttributeError, TypeError):
        _logger.warning("Module %s demo data failed to install", ADDON, exc_info=True)


def _tell(env):
    days = Days(env)
    chinese.translate(env)
    expats = people.make(env, days)
    customers = done.make(env, days, expats)
    if "sale.order" in env:
        orders.make(env, days, expats, customers)
    # What was written in this transaction is not known to the planner yet, which then joins a year
    # of records in loops.
    env.flush_all()
    env.cr.execute("ANALYZE")
    env["expat.kpi.measure"].search([])._refresh()
    agreed.make(env, days, expats)
    env["expat.kpi.plan"].search([])._refresh_actuals()
    users = env["res.users"].search([("share", "=", False)])
    if "odoobot_state" in users._fields:
        # On a phone its greeting covers the page that somebody has come for.
        users.odoobot_state = "disabled"
