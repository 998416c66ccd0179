from odoo import fields, models


class ExpatKpiPlanLook(models.Model):
    """What one reader has seen of one plan: which version, and when.

    Written by `expat.kpi.plan.note_look` alone, when the reader opens the plan. Everybody
    reads their own rows and nobody else's, HR officers and administrators included:
    when somebody looked is no business of others.
    """

    _name = "expat.kpi.plan.look"
    _description = "What a Reader Has Seen of a KPI Plan"
    _rec_name = "plan_id"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    plan_id = fields.Many2one(
        "expat.kpi.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    revision_id = fields.Many2one(
        "expat.kpi.revision", string="Version", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Datetime(string="Looked", required=True, readonly=True)
    before_id = fields.Many2one(
        "expat.kpi.revision",
        string="Version before This Visit",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="What the page compares with, so that a mark does not go away by being read.",
    )
    date_before = fields.Datetime(string="Looked before This Visit", required=True, readonly=True)

    _reader_once = models.UniqueIndex("(user_id, plan_id)", "A reader's look is kept once.")
