from odoo import api, fields, models
from odoo.exceptions import LockError


class ExpatKpiMeasure(models.Model):
    """Refreshing while one looks on: measure by measure, each a transaction of its own.

    The client asks for one measure after the other and shows how far it is. Whoever
    closes it keeps what is done; the oldest comes first, so that whoever begins anew
    begins with the rest. A measure that somebody else is refreshing is left to them and
    asked for again at the end, and what anybody refreshed since one began is not
    refreshed twice. For HR officers.
    """

    _inherit = "expat.kpi.measure"

    def action_refresh_progress(self):
        """Have the client refresh these measures one by one."""
        self.check_access("write")
        oldest_first = self.filtered("version_id").sorted(
            lambda measure: str(measure.date_refreshed or "")
        )
        return {
            "type": "ir.actions.client",
            "tag": "expat_kpi_refresh",
            "params": {
                "measures": [{"id": measure.id, "name": measure.name} for measure in oldest_first],
                "since": fields.Datetime.to_string(self._refresh_moment()),
                "done": self.env._("The numbers are up to date."),
            },
        }

    def refresh_step(self, since):
        """Refresh this measure and the plans that rest on it.

        :param since: when the whole began; what was compared later is fresh
        :return: ``state``: "done", or "busy" if somebody else is at it; ``error``: the
            sentence of a measure that could not be computed
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: expat.kpi.measure.version – only how fresh it is
        version = self.version_id.sudo()
        try:
            version.lock_for_update()
        except LockError:
            return {"state": "busy", "error": False}
        compared = version.date_refreshed
        if not compared or compared <= fields.Datetime.to_datetime(since):
            self._refresh()
            self.env["expat.kpi.plan"]._refresh_open(self)
        return {"state": "done", "error": self.error or False}

    @api.model
    def _refresh_moment(self):
        """When this transaction began to see the records, to the second."""
        return self.env.cr.now().replace(microsecond=0)
