from odoo import fields, models
from odoo.tools import SQL


class ExpatKpiLeadResponse(models.Model):
    """Leads that were answered: when somebody of ours first wrote to the customer, or did what
    was planned for the lead.

    Told is when, never what was written. What was said before there was the lead, such as on
    another one that was merged into it, is no answer to it.
    """

    _name = "expat.kpi.lead.response"
    _description = "Answered Lead"
    _inherit = "expat.kpi.source.view"
    _auto = False
    _log_access = False
    _records_fields = {"crm.lead": "id"}

    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    date_created = fields.Datetime("Lead Created On", readonly=True)
    date_response = fields.Datetime("First Response", readonly=True)

    def _statement(self):
        # The date is a column of the message: only messages of the days asked for are looked at,
        # and of each whether it is the first. Messages have whole seconds.
        return SQL(
            """WITH ours AS NOT MATERIALIZED (
                    SELECT m.id, m.res_id, m.date
                      FROM mail_message m
                      JOIN crm_lead l ON l.id = m.res_id
                       AND m.date >= date_trunc('second', l.create_date)
                      JOIN res_users u ON u.partner_id = m.author_id AND NOT u.share
                      LEFT JOIN mail_message_subtype s ON s.id = m.subtype_id
                     WHERE m.model = 'crm.lead'
                       AND (m.mail_activity_type_id IS NOT NULL
                            OR (m.message_type IN ('comment', 'email', 'email_outgoing')
                                AND NOT COALESCE(m.is_internal, FALSE)
                                AND s.id IS NOT NULL AND NOT COALESCE(s.internal, FALSE)))
               )
               SELECT l.id, l.user_id, l.company_id, l.team_id, first.date AS date_response,
                      date_trunc('second', l.create_date) AS date_created
                 FROM ours first
                 JOIN crm_lead l ON l.id = first.res_id
                WHERE NOT EXISTS (
                      SELECT FROM ours other
                       WHERE other.res_id = first.res_id
                         AND (other.date, other.id) < (first.date, first.id))"""
        )
