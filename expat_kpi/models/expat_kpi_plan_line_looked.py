from odoo import api, fields, models

from ..engine import revision
from ..tools.plan_sentences import change_sentence


class ExpatKpiPlanLine(models.Model):
    """What a line was when the reader last visited its plan."""

    _inherit = "expat.kpi.plan.line"

    visit_text = fields.Text(string="Since You Looked", compute="_compute_visit_text")

    @api.depends(*revision.TERMS, "proposal_ids.state", "plan_id.latest_revision_id")
    @api.depends_context("uid", "lang")
    def _compute_visit_text(self):
        before = self.plan_id._origin._lines_before()
        for line in self:
            lines, proposals = before.get(line.plan_id._origin, (None, None))
            line.visit_text = False if lines is None else line._told_since(lines, proposals)

    def _told_since(self, lines, proposals):
        known = lines.get(self.indicator_id._origin.id)
        parts = []
        if known is None:
            parts.append(self.env._("New"))
        elif any(self._terms()[name] != (known.get(name) or 0.0) for name in revision.TERMS):
            parts.append(change_sentence(self.env, known, {**known, **self._terms()}))
        if self.indicator_id._origin in proposals.indicator_id:
            parts.append(self.env._("new proposal"))
        return ", ".join(parts) or False
