from odoo import Command, api, fields, models
from odoo.tools import formatLang


class ExpatKpiCyclePlans(models.TransientModel):
    """The page after plans were created: what was made, what was left out and why."""

    _name = "expat.kpi.cycle.plans"
    _description = "Plans Created in a Cycle"

    cycle_id = fields.Many2one("expat.kpi.cycle", required=True, readonly=True, ondelete="cascade")
    row_ids = fields.One2many("expat.kpi.cycle.plans.row", "page_id", readonly=True)
    made_ids = fields.One2many(
        "expat.kpi.cycle.plans.row", "page_id", domain=[("plan_id", "!=", False)], readonly=True
    )
    left_ids = fields.One2many(
        "expat.kpi.cycle.plans.row", "page_id", domain=[("plan_id", "=", False)], readonly=True
    )
    made_count = fields.Integer(readonly=True)
    left_count = fields.Integer(readonly=True)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("made_count", "left_count")
    @api.depends_context("lang")
    def _compute_summary(self):
        for page in self:
            page.summary = self.env._(
                "%(made)s plans created, %(left)s employees left out.",
                made=page.made_count,
                left=page.left_count,
            )

    @api.depends("cycle_id")
    def _compute_display_name(self):
        for page in self:
            page.display_name = page.cycle_id.name

    @api.model
    def _from_candidates(self, cycle, candidates):
        return self.create(
            {
                "cycle_id": cycle.id,
                "made_count": sum(not row.reason for row in candidates),
                "left_count": sum(bool(row.reason) for row in candidates),
                "row_ids": [
                    Command.create(
                        {
                            "employee_id": row.employee.id,
                            "plan_id": row.details["plan"].id if not row.reason else False,
                            "template_id": row.template.id if row.template else False,
                            "reason": row.reason,
                            "note": self._note(row),
                        }
                    )
                    for row in candidates
                ],
            }
        )

    @api.model
    def _note(self, row):
        """What is special about a plan that was made."""
        worked, total = row.share
        if row.reason or worked == total:
            return False
        return self.env._(
            "%(worked)s of %(total)s working days, %(share)s %% of what adds up",
            worked=worked,
            total=total,
            share=formatLang(self.env, 100 * worked / total, digits=0),
        )

    def action_back(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "expat.kpi.cycle",
            "res_id": self.cycle_id.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "current",
        }
