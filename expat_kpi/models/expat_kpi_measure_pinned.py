from odoo import api, models

from ..engine.periods import Span


class ExpatKpiMeasureVersion(models.Model):
    """Versions that a running plan was signed with stay fresh.

    A measure has one version in force; a plan counts with the one that was agreed.
    As long as the plan runs, that one is refreshed beside it.
    """

    _inherit = "expat.kpi.measure.version"

    @api.model
    def _in_use(self):
        return super()._in_use() | self._pinned_by_plans()

    @api.model
    def _pinned_by_plans(self, measures=None):
        """Versions that plans which are neither closed nor cancelled were signed with."""
        domain = [("state", "not in", ("closed", "cancelled")), ("revision_id", "!=", False)]
        if measures is not None:
            domain.append(("line_ids.indicator_id.measure_ids", "in", measures.ids))
        # sudo: expat.kpi.plan – which versions plans rest on; nothing else of them
        plans = self.env["expat.kpi.plan"].sudo().search(domain)
        pinned = self.union(*plans._pinned_versions().values())
        if measures is not None:
            pinned = pinned.filtered(lambda version: version.measure_id in measures)
        return pinned.sudo(self.env.su)


class ExpatKpiMeasure(models.Model):
    _inherit = "expat.kpi.measure"

    def _refresh(self, date_from=None, date_to=None):
        written = super()._refresh(date_from, date_to)
        pinned = self.env["expat.kpi.measure.version"]._pinned_by_plans(self) - self.version_id
        span = Span(date_from, date_to) if date_from else None
        return written + pinned._refresh(span)
