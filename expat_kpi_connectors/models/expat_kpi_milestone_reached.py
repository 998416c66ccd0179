from odoo import fields, models
from odoo.tools import SQL


class ExpatKpiMilestoneReached(models.Model):
    """Milestones that were reached, and whether by their deadline."""

    _name = "expat.kpi.milestone.reached"
    _description = "Milestone Reached"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"project.milestone": "id"}

    user_id = fields.Many2one("res.users", "Project Manager", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    date_reached = fields.Date("Reached On", readonly=True)
    date_deadline = fields.Date("Deadline", readonly=True)
    has_deadline = fields.Boolean("With a Deadline", readonly=True)
    is_on_time = fields.Boolean("On Time", readonly=True)

    def _statement(self):
        return SQL(
            """SELECT m.id, p.user_id, p.company_id, m.project_id,
                      m.reached_date AS date_reached, m.deadline AS date_deadline,
                      m.deadline IS NOT NULL AS has_deadline,
                      COALESCE(m.reached_date <= m.deadline, FALSE) AS is_on_time
                 FROM project_milestone m
                 JOIN project_project p ON p.id = m.project_id
                WHERE m.is_reached AND m.reached_date IS NOT NULL"""
        )
