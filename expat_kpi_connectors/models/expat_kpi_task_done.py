from odoo import fields, models
from odoo.tools import SQL


class ExpatKpiTaskDone(models.Model):
    """Tasks of projects that are done, and whether by their deadline."""

    _name = "expat.kpi.task.done"
    _description = "Task Done"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"project.task": "id"}

    task_id = fields.Many2one("project.task", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    project_id = fields.Many2one("project.project", readonly=True)
    date_created = fields.Datetime("Created On", readonly=True)
    date_done = fields.Datetime("Done On", readonly=True)
    date_deadline = fields.Datetime("Deadline", readonly=True)
    has_deadline = fields.Boolean("With a Deadline", readonly=True)
    is_on_time = fields.Boolean("On Time", readonly=True)

    def _statement(self):
        # A task is done by its state, or by being moved to a folded stage.
        return SQL(
            """SELECT t.id, t.id AS task_id, t.company_id, t.project_id, t.date_deadline,
                      t.create_date AS date_created, done.date AS date_done,
                      t.date_deadline IS NOT NULL AS has_deadline,
                      COALESCE(done.date <= t.date_deadline, FALSE) AS is_on_time
                 FROM project_task t,
                      LATERAL (SELECT COALESCE(t.date_end, t.date_last_stage_update)) done(date)
                WHERE t.project_id IS NOT NULL
                  AND (t.state = '1_done' OR (t.date_end IS NOT NULL AND t.state <> '1_canceled'))
                  AND NOT COALESCE(t.is_template, FALSE)"""
        )
