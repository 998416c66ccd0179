from odoo import api, fields, models

from ..engine.revision import TERMS
from ..tools.plan_sentences import change_sentence


class ExpatKpiPlanLine(models.Model):
    """What a line was when the reader last visited its plan."""

    _inherit = "expat.kpi.plan.line"

    visit_text = fields.Text(string="Since You Looked", compute="_compute_visit_text")

    @api.depends("proposal_ids.state", "plan_id.latest_revision_id")
    @api.depends_context("uid", "lang")
    def _compute_visit_text(self):
        known = self.plan_id._origin._contents_since()
        for line in self:
            found = known.get(line.plan_id._origin)
            line.visit_text = found and line._told_since(*found)

    def _told_since(self, before, after, proposals):
        """What is on the table now, beside what was when the reader looked."""
        indicator = self.indicator_id._origin
        old, new = before.get(indicator.id), after.get(indicator.id)
        parts = []
        if old and not new:
            parts.append(self.env._("dropped"))
        elif new and not old:
            parts.append(self.env._("New"))
        elif new and any((old.get(name) or 0.0) != (new.get(name) or 0.0) for name in TERMS):
            parts.append(change_sentence(self.env, old, new))
        if indicator in proposals.indicator_id:
            parts.append(self.env._("new proposal"))
        return ", ".join(parts) or False
