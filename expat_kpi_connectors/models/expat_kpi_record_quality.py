from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..engine import quality
from ..engine.sample import is_drawn

# A quotation or mail belongs to what was talked about within so many days before.
FOLLOWED_DAYS = 30
# How far back the nightly look at marks and questions goes.
LOOK_BACK_DAYS = 62


class ExpatKpiRecord(models.Model):
    """How well a record is shown, what is asked about, what is audited."""

    _inherit = "expat.kpi.record"

    mark = fields.Selection(
        [
            ("self", "Own word"),
            ("accepted", "Accepted by the customer"),
            ("evidence", "With position or photo"),
            ("followed", "Followed by a mail, quotation or order"),
        ],
        string="Shown By",
        default="self",
        required=True,
        readonly=True,
        copy=False,
        help="The best of what there is besides the person's own word.",
    )
    flag_ids = fields.One2many(
        "expat.kpi.record.flag",
        "record_id",
        string="Questions",
        readonly=True,
        search="_search_flag_ids",
    )
    flag_count = fields.Integer(compute="_compute_flag_count")
    is_audit = fields.Boolean(
        string="In the Sample",
        readonly=True,
        copy=False,
        groups="expat_kpi.group_officer",
        help="Drawn when it arrived, for HR to look at.",
    )

    @api.depends("flag_ids.date_answered")
    @api.depends_context("uid")
    def _compute_flag_count(self):
        for record in self:
            record.flag_count = len(record.flag_ids.filtered(lambda flag: not flag.date_answered))

    def _search_flag_ids(self, operator, value):
        """Whether there are questions, among those that the reader may see.

        Of its own Odoo looks at all of them, and so would tell a manager of those that
        are put to the person first.
        """
        if operator in ("any", "not any"):
            return Domain("flag_ids", operator, value)
        if operator not in ("in", "not in"):
            return NotImplemented
        ids = [number for number in value if number]
        found = Domain("flag_ids", "any", Domain("id", "in", ids)) if ids else Domain.FALSE
        if False in value:
            found |= Domain("flag_ids", "not any", Domain.TRUE)
        return ~found if operator == "not in" else found

    def _draw_sample(self):
        """Draw once, by number and secret: nothing that is sent can change it."""
        # sudo: res.company – the secret; the person must not see whether it was drawn
        drawn = self.sudo().filtered(
            lambda record: is_drawn(
                record.company_id.expat_kpi_audit_secret,
                record.id,
                record.company_id.expat_kpi_audit_share,
            )
        )
        drawn._set_guarded({"is_audit": True})

    def _ask_late(self):
        """Ask about those that arrived long after they happened, or were dated back to then."""
        now = fields.Datetime.now()
        late = self.filtered(
            lambda record: quality.is_late(
                record.date, min(record.create_date, now), record.company_id.expat_kpi_late_days
            )
        )
        self.env["expat.kpi.record.flag"]._ask(late, "late")

    # ------------------------------------------------------------------
    # Marks
    # ------------------------------------------------------------------

    def _refresh_marks(self):
        """Look again at what there is besides the person's word."""
        # sudo: meetings, mails, quotations – whether there is one; nothing of it is shown
        records = self.sudo()
        accepted = records._accepted()
        followed = records._mailed() | records._quoted()
        by_mark = {}
        for record in records:
            mark = quality.mark(
                is_accepted=record in accepted,
                has_evidence=record.has_place or record.has_photo,
                is_followed=record in followed,
            )
            if record.mark != mark:
                by_mark.setdefault(mark, self.sudo().browse())
                by_mark[mark] += record
        for mark, changed in by_mark.items():
            changed._set_guarded({"mark": mark})

    def _accepted(self):
        """Those of whose meeting the person was part, and which the customer, or another guest
        from outside, accepted."""
        attendees = self.env["calendar.attendee"].search(
            [
                ("event_id", "in", self.calendar_event_id.ids),
                ("state", "=", "accepted"),
                ("partner_id.partner_share", "=", True),
            ]
        )
        part = {
            event: (event.partner_ids | event.user_id.partner_id) for event in attendees.event_id
        }
        return self.filtered(
            lambda record: (
                record.employee_id.user_id.partner_id
                & part.get(record.calendar_event_id, attendees.partner_id.browse())
            )
        )

    def _in_time(self, moments):
        """Those for which one of ``moments[person's login, customer]`` lies soon after."""
        window = timedelta(days=FOLLOWED_DAYS)
        return self.filtered(
            lambda record: any(
                record.date <= moment <= record.date + window
                for moment in moments.get(
                    (record.employee_id.user_id, record.partner_id.commercial_partner_id), ()
                )
            )
        )

    def _by_customer(self):
        return self.filtered(lambda record: record.partner_id and record.employee_id.user_id)

    def _mailed(self):
        """Those after which the person wrote to the customer, from the contact or the lead."""
        found = self._by_customer()
        if not found:
            return self.browse()
        domain = Domain(
            [
                ("author_id", "in", found.employee_id.user_id.partner_id.ids),
                ("date", ">=", min(found.mapped("date"))),
                ("message_type", "in", ("comment", "email_outgoing")),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            ]
        ) & (
            Domain([("model", "=", "crm.lead"), ("res_id", "in", found.lead_id.ids)])
            | Domain([("model", "=", "res.partner"), ("res_id", "in", found.partner_id.ids)])
        )
        moments = {}
        people = {user.partner_id: user for user in found.employee_id.user_id}
        leads = {lead.id: lead for lead in found.lead_id}
        for message in self.env["mail.message"].search(domain):
            partner = (
                leads[message.res_id].partner_id
                if message.model == "crm.lead"
                else found.partner_id.browse(message.res_id)
            )
            key = people[message.author_id], partner.commercial_partner_id
            moments.setdefault(key, []).append(message.date)
        return found._in_time(moments)

    def _quoted(self):
        """Those after which the person made the customer a quotation, or the customer ordered
        what was quoted before."""
        found = self._by_customer()
        if "sale.order" not in self.env or not found:
            return self.browse()
        first = min(found.mapped("date"))
        orders = self.env["sale.order"].search(
            [
                ("user_id", "in", found.employee_id.user_id.ids),
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    found.partner_id.commercial_partner_id.ids,
                ),
                ("state", "!=", "cancel"),
                "|",
                ("create_date", ">=", first),
                "&",
                ("state", "=", "sale"),
                ("date_order", ">=", first),
            ]
        )
        moments = {}
        for order in orders:
            key = order.user_id, order.partner_id.commercial_partner_id
            moments.setdefault(key, []).append(order.create_date)
            if order.state == "sale":
                moments[key].append(order.date_order)
        return found._in_time(moments)

    @api.model
    def _cron_quality(self):
        """Look again at the marks, and for what the person is asked about."""
        since = fields.Date.subtract(fields.Date.today(), days=LOOK_BACK_DAYS)
        records = self.sudo().search([("day", ">=", since)])
        records._refresh_marks()
        visits = records.filtered(lambda record: record.category == "visit")
        series, bursts = set(), set()
        for own in visits.grouped("employee_id").values():
            logged = [
                quality.Logged(
                    record.id, record.day, record.partner_id.commercial_partner_id.id or None
                )
                for record in own
            ]
            series |= quality.series(logged)
            bursts |= quality.bursts(logged)
        flags = self.env["expat.kpi.record.flag"]
        flags._ask(records.browse(sorted(series)), "series")
        flags._ask(records.browse(sorted(bursts)), "burst")
        flags._cron_share()
