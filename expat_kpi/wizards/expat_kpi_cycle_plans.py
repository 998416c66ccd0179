from odoo import Command, api, fields, models
from odoo.tools import formatLang

from ..models.expat_kpi_cycle import BATCH


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
    todo_count = fields.Integer(readonly=True, help="Plans that are still to be made.")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("made_count", "left_count", "todo_count")
    @api.depends_context("lang")
    def _compute_summary(self):
        for page in self:
            if page.todo_count:
                page.summary = self.env._(
                    "Stopped: %(made)s plans created, %(todo)s are still to be made. "
                    "Press “Create Plans” again to go on.",
                    made=page.made_count,
                    todo=page.todo_count,
                )
                continue
            page.summary = self.env._(
                "%(made)s plans created, %(left)s employees left out.",
                made=page.made_count,
                left=page.left_count,
            )

    @api.depends("cycle_id")
    def _compute_display_name(self):
        for page in self:
            page.display_name = page.cycle_id.name

    def _next_batch(self):
        """Make some more plans and note them; with the last ones, who was left out and why."""
        self.ensure_one()
        known = self.row_ids.employee_id
        rows = [
            row for row in self.cycle_id._create_plans(limit=BATCH) if row.employee not in known
        ]
        todo = sum(not row.reason and "plan" not in row.details for row in rows)
        noted = [row for row in rows if "plan" in row.details or (row.reason and not todo)]
        self.write(
            {
                "todo_count": todo,
                "made_count": self.made_count + sum(not row.reason for row in noted),
                "left_count": sum(bool(row.reason) for row in noted),
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
                    for row in noted
                ],
            }
        )

    def action_next_batch(self):
        """Another batch; called by the page that shows how far it is.

        :return: numbers of plans made and to be made
        """
        self.ensure_one()
        if self.todo_count:
            self._next_batch()
        return {"made": self.made_count, "todo": self.todo_count}

    def _open(self):
        """The page of progress as long as plans are to be made, else what came of it."""
        if self.todo_count:
            return {
                "type": "ir.actions.client",
                "tag": "expat_kpi_create_plans",
                "name": self.env._("Creating the plans of %(cycle)s", cycle=self.cycle_id.name),
                "target": "new",
                "params": {
                    "page_id": self.id,
                    "made": self.made_count,
                    "todo": self.todo_count,
                },
            }
        return self.action_open_result()

    def action_open_result(self):
        """What was made so far, and who was left out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plans of %(cycle)s", cycle=self.cycle_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "current",
        }

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
