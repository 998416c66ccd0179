from secrets import token_hex

from odoo import fields, models


class ResCompany(models.Model):
    """How a company keeps field records; HR sets it in a form of ours."""

    _inherit = "res.company"

    expat_kpi_record_hours = fields.Integer(
        string="Edit Field Records For",
        default=48,
        help="So many hours after it arrived, a field record may be edited. Later it is amended, "
        "and the old values stay.",
    )
    expat_kpi_file_mb = fields.Integer(
        string="Largest File", default=10, help="In megabytes, for each photo or file."
    )
    expat_kpi_late_days = fields.Integer(
        string="Ask After",
        default=3,
        help="A record that arrives so many days after it happened is asked about.",
    )
    expat_kpi_flag_days = fields.Integer(
        string="Managers See After",
        default=7,
        help="So many days after a question was asked, the manager sees it, answered or not.",
    )
    expat_kpi_audit_share = fields.Float(
        string="Audited Share",
        default=3.0,
        digits=(5, 2),
        help="Percentage of field records that are drawn for HR to look at. A record is drawn "
        "once, when it arrives.",
    )
    expat_kpi_audit_secret = fields.Char(
        default=lambda self: token_hex(16), copy=False, groups="base.group_system"
    )

    _expat_kpi_file_mb = models.Constraint(
        "CHECK (expat_kpi_file_mb BETWEEN 1 AND 50)",
        "The largest file must be between 1 and 50 megabytes.",
    )
    _expat_kpi_audit_share = models.Constraint(
        "CHECK (expat_kpi_audit_share BETWEEN 0 AND 100)",
        "The audited share is between 0 and 100 percent.",
    )
    _expat_kpi_waits = models.Constraint(
        "CHECK (expat_kpi_record_hours >= 0 AND expat_kpi_late_days >= 1"
        " AND expat_kpi_flag_days >= 1)",
        "Enter whole days and hours: at least one day, and no negative number of hours.",
    )
