from datetime import datetime, timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date

from odoo.addons.expat_kpi.engine.periods import local_day
from odoo.addons.expat_kpi.engine.stay import Stay, stay_at

from ..tools.arrival import arriving_once

# Clocks of phones are not exact.
TOLERANCE = timedelta(minutes=5)
OLDEST = timedelta(days=400)


class ExpatKpiRecord(models.Model):
    """What somebody abroad did: a visit, an exhibition, a coordination, an incident.

    It is made on the phone or in a form, by the person or by HR, edited for some hours
    and amended from then on; it is archived, not deleted. It counts on the local day
    where the person was posted.

    People read and make their own, managers read those of the team below them and of
    those they follow by a dotted line, HR officers all of their companies. Positions
    and photos are narrower: the person and HR.
    """

    _name = "expat.kpi.record"
    _description = "Field Record"
    _inherit = ["expat.kpi.guarded", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["partner_name", "note", "place"]
    _guarded_fields = frozenset(
        {
            "amendment_ids",
            "flag_ids",
            "follow_up_lead_id",
            "has_photo",
            "has_place",
            "is_audit",
            "is_followed_up",
            "mark",
            "place_ids",
        }
    )
    # What is edited for some hours and amended after that.
    _content_fields = frozenset(
        {
            "active",
            "calendar_event_id",
            "date",
            "date_end",
            "date_follow_up",
            "date_solved",
            "department_id",
            "device_tz",
            "is_solved",
            "kind_id",
            "lead_id",
            "need",
            "note",
            "partner_id",
            "place",
            "result",
            "task_id",
        }
    )
    # Nobody links a record to what they may not see: they would be shown its name, and what
    # others did there would speak for the record.
    _link_fields = frozenset(
        {"calendar_event_id", "department_id", "lead_id", "partner_id", "task_id"}
    )

    # Whose, what
    employee_id = fields.Many2one(
        "hr.employee",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user.employee_id,
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    kind_id = fields.Many2one(
        "expat.kpi.record.kind",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', 'in', (False, company_id))]",
        default=lambda self: self._default_kind(),
    )
    category = fields.Selection(related="kind_id.category", store=True)
    ask_partner = fields.Boolean(related="kind_id.ask_partner")
    ask_department = fields.Boolean(related="kind_id.ask_department")
    ask_need = fields.Boolean(related="kind_id.ask_need")
    ask_result = fields.Boolean(related="kind_id.ask_result")
    ask_solved = fields.Boolean(related="kind_id.ask_solved")
    ask_photo = fields.Boolean(related="kind_id.ask_photo")
    active = fields.Boolean(default=True, tracking=True)
    client_uuid = fields.Char(
        string="Identifier",
        required=True,
        copy=False,
        default=lambda self: str(uuid4()),
        help="Given by the phone: the same record sent twice arrives once.",
    )

    # When
    date = fields.Datetime(string="When", required=True, default=fields.Datetime.now, tracking=True)
    device_tz = fields.Char(string="Zone of the Device", readonly=True)
    day = fields.Date(
        string="Local Day",
        compute="_compute_day",
        store=True,
        help="The day on which it was where the person was posted.",
    )
    date_end = fields.Datetime(string="Until")

    # Where
    posting_id = fields.Many2one(
        "expat.posting", compute="_compute_day", store=True, index="btree_not_null"
    )
    country_id = fields.Many2one(related="posting_id.country_id", store=True)
    region_id = fields.Many2one(related="posting_id.region_id", store=True)
    place = fields.Char(help="A town, a hall, an address.")
    has_place = fields.Boolean(
        string="With Position", readonly=True, copy=False, help="The phone sent where it was."
    )
    place_ids = fields.One2many(
        "expat.kpi.record.place", "record_id", string="Position", readonly=True
    )

    # With whom
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="set null", tracking=True
    )
    partner_name = fields.Char(
        compute="_compute_partner_name",
        store=True,
        string="Name of the Customer",
        help="As it was; it stays when the contact is deleted.",
    )
    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", index="btree_not_null", ondelete="set null"
    )
    department_id = fields.Many2one("hr.department", ondelete="set null")
    task_id = fields.Many2one("project.task", index="btree_not_null", ondelete="set null")
    calendar_event_id = fields.Many2one(
        "calendar.event", string="Meeting", index="btree_not_null", ondelete="set null", copy=False
    )
    is_own_event = fields.Boolean(
        compute="_compute_is_own_event",
        store=True,
        help="The person is who the meeting in the calendar belongs to.",
    )

    # What was said, what came of it
    note = fields.Text(help="What was said or seen.", tracking=True)
    need = fields.Text(help="What the customer needs.", tracking=True)
    result = fields.Selection(
        [
            ("need", "Need found"),
            ("sample", "Sample wanted"),
            ("quote", "Quotation wanted"),
            ("complaint", "Complaint"),
            ("nothing", "Nothing yet"),
        ],
        tracking=True,
    )
    is_solved = fields.Boolean(string="Solved", tracking=True)
    date_solved = fields.Datetime(string="Solved On", tracking=True)
    date_follow_up = fields.Date(string="Follow Up On")
    follow_up_lead_id = fields.Many2one(
        "crm.lead", string="Lead Made of It", readonly=True, copy=False, ondelete="set null"
    )
    is_followed_up = fields.Boolean(string="Follow-up Made", readonly=True, copy=False)
    is_qualified = fields.Boolean(
        string="Qualified",
        compute="_compute_is_qualified",
        store=True,
        help="There is a need, a note or a follow-up.",
    )
    has_photo = fields.Boolean(string="With Photo", readonly=True, copy=False)
    photo_ids = fields.One2many("expat.kpi.record.photo", "record_id", string="Photos")
    amendment_ids = fields.One2many(
        "expat.kpi.record.amendment", "record_id", string="Amendments", readonly=True
    )

    is_editable = fields.Boolean(compute="_compute_is_editable")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    can_change = fields.Boolean(compute="_compute_is_mine")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _uuid_uniq = models.UniqueIndex(
        "(employee_id, client_uuid)", "This record has arrived already."
    )
    _event_uniq = models.UniqueIndex(
        "(employee_id, calendar_event_id) WHERE active AND calendar_event_id IS NOT NULL",
        "There is a field record of this meeting already. Open that one.",
    )
    _end_after_start = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date)", "It cannot end before it begins."
    )
    _solved_after_start = models.Constraint(
        "CHECK (date_solved IS NULL OR date_solved >= date)",
        "It cannot be solved before it happened.",
    )
    # What the shipped measures read.
    _fact_idx = models.Index(
        "(employee_id, date) INCLUDE (category, is_qualified, partner_id, has_place, active)"
    )
    _solved_idx = models.Index(
        "(employee_id, date_solved) INCLUDE (date, category, active) WHERE date_solved IS NOT NULL"
    )

    @api.model
    def _default_kind(self):
        kinds = self.env["expat.kpi.record.kind"]
        return kinds.search(
            [("category", "=", "visit"), ("company_id", "in", (False, self.env.company.id))],
            limit=1,
        )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(
        "date",
        "employee_id",
        "employee_id.posting_ids.tz",
        "employee_id.posting_ids.date_from",
        "employee_id.posting_ids.date_to",
    )
    def _compute_day(self):
        # sudo: expat.posting – where the person was decides the day, whoever asks
        postings = self.env["expat.posting"].sudo()
        by_employee = postings.search(
            [("employee_id", "in", self.employee_id.ids)], order="date_from"
        ).grouped("employee_id")
        for record in self:
            record.day, record.posting_id = False, False
            if not record.date or not record.employee_id:
                continue
            own = by_employee.get(record.employee_id, postings)
            stays = [Stay(one.tz, one.date_from, one.date_to or None) for one in own]
            if found := stay_at(record.date, stays):
                record.day, record.posting_id = found[1], own[found[0]]
                continue
            record.day = local_day(record.date, self._home_zone(record.employee_id))

    @api.model
    def _home_zone(self, employee):
        # sudo: hr.employee – where somebody lives who is not posted
        employee = employee.sudo()
        return employee.resource_calendar_id.tz or employee.tz or "UTC"

    @api.model
    def _zone_on(self, employee, day):
        """The zone in which an employee is on a local day."""
        # sudo: expat.posting – see _compute_day
        posting = (
            self.env["expat.posting"]
            .sudo()
            .search(
                [
                    ("employee_id", "=", employee.id),
                    ("date_from", "<=", day),
                    "|",
                    ("date_to", "=", False),
                    ("date_to", ">=", day),
                ]
            )
        )
        return posting.tz or self._home_zone(employee)

    @api.depends("partner_id")
    def _compute_partner_name(self):
        # A contact that is deleted by itself leaves its name: nothing is computed then.
        for record in self:
            record.partner_name = record.partner_id.display_name

    @api.depends(
        "calendar_event_id.user_id",
        "day",
        "employee_id.user_id",
        "employee_id.login_ids.user_id",
        "employee_id.login_ids.date_from",
    )
    def _compute_is_own_event(self):
        for record in self:
            # sudo: calendar.event – whose it is, of the person's own record
            owner = record.calendar_event_id.sudo().user_id
            record.is_own_event = bool(
                owner and record.day
            ) and owner == record.employee_id._login_on(record.day)

    @api.depends("need", "note", "date_follow_up", "is_followed_up")
    def _compute_is_qualified(self):
        for record in self:
            said = (record.need or "").strip() or (record.note or "").strip()
            record.is_qualified = bool(said or record.date_follow_up or record.is_followed_up)

    @api.depends("create_date", "company_id.expat_kpi_record_hours")
    def _compute_is_editable(self):
        now = fields.Datetime.now()
        for record in self:
            hours = record.company_id.expat_kpi_record_hours
            record.is_editable = not record.create_date or now <= record.create_date + timedelta(
                hours=hours
            )

    @api.depends("employee_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        is_officer = self.env.su or self.env.user.has_group("expat_kpi.group_officer")
        for record in self:
            # sudo: hr.employee – whether it is the reader
            record.is_mine = record.employee_id.sudo().user_id == self.env.user
            record.can_change = record.is_mine or is_officer

    @api.depends("is_editable", "can_change")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        for record in self:
            record.can_edit = record.is_editable and record.can_change

    @api.depends("kind_id", "partner_name", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record._title(record.partner_name or record.place)

    def _title(self, customer):
        """What it was, with whom, and when. In what outlives the record's place, such as a
        to-do, only a customer is named."""
        words = {
            "kind": self.kind_id.name or "",
            "day": format_date(self.env, self.day) if self.day else "",
            "customer": customer,
        }
        if customer:
            return self.env._("%(kind)s: %(customer)s, %(day)s", **words)
        return self.env._("%(kind)s, %(day)s", **words)

    @api.onchange("is_solved")
    def _onchange_is_solved(self):
        self.date_solved = self.is_solved and (self.date_solved or fields.Datetime.now())

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("date", "date_end", "date_solved")
    def _check_dates(self):
        now = fields.Datetime.now()
        for record in self:
            if any(
                moment and moment > now + TOLERANCE
                for moment in (record.date, record.date_end, record.date_solved)
            ):
                raise ValidationError(
                    self.env._(
                        "This time lies in the future. Enter it when it has happened, or set the "
                        "clock of the device."
                    )
                )
            if record.date < now - OLDEST:
                raise ValidationError(
                    self.env._("This is more than a year ago. Check the date of the device.")
                )

    @api.constrains("kind_id", "employee_id")
    def _check_kind(self):
        for record in self:
            company = record.kind_id.company_id
            if company and company != record.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” is for the people of another company.",
                        kind=record.kind_id.sudo().name,
                    )
                )

    def _in_final_period(self):
        """Those whose day belongs to a plan that is being reviewed, or closed.

        The plan's row is held, so that nobody closes it in between.
        """
        self.flush_recordset(["employee_id", "day"])
        self.env["expat.kpi.plan"].flush_model(["state", "date_from", "date_to"])
        rows = self.env.execute_query(
            SQL(
                """SELECT record.id, plan.state
                     FROM expat_kpi_record record
                     JOIN expat_kpi_plan plan ON plan.employee_id = record.employee_id
                      AND record.day BETWEEN plan.date_from AND plan.date_to
                    WHERE record.id = ANY(%s) AND plan.state <> 'cancelled'
                    ORDER BY plan.id FOR SHARE OF plan""",
                self.ids,
            )
        )
        return self.browse(number for number, state in rows if state in ("review", "closed"))

    def _check_period(self):
        """Nothing is added to a period whose plan is being reviewed, or closed."""
        for record in self._in_final_period():
            raise ValidationError(
                self.env._(
                    "%(day)s belongs to a period that is in review or closed: nothing in it "
                    "changes any more. Tell your manager what is missing.",
                    day=format_date(self.env, record.day),
                )
            )

    def _check_links(self, names):
        for name in self._link_fields.intersection(names):
            if linked := self[name]:
                linked.check_access("read")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create([self._known_solution(vals) for vals in vals_list])
        records._check_links(self._link_fields)
        records._check_period()
        records._draw_sample()
        records._ask_late()
        records._refresh_marks()
        return records

    def write(self, vals):
        if self._is_granted(vals):
            return super().write(vals)
        self._check_guarded(vals)
        if "client_uuid" in vals:
            raise UserError(self.env._("The identifier of a record stays as it is."))
        if "employee_id" in vals:
            if any(record.employee_id.id != vals["employee_id"] for record in self):
                raise AccessError(self.env._("A record stays with whom it was made for."))
        touched = self._content_fields.intersection(vals)
        if touched:
            self.check_access("write")
            self._check_editable()
            self._check_period()
        result = super().write(self._known_solution(vals))
        if touched:
            self._check_links(touched)
            self._check_period()
            self._refresh_marks()
        if "date" in vals:
            self._ask_late()
        return result

    @api.model
    def _known_solution(self, vals):
        """Solved and its date go together."""
        if vals.keys().isdisjoint({"is_solved", "date_solved"}):
            return vals
        date = vals.get("date_solved") or (vals.get("is_solved") and fields.Datetime.now())
        return {**vals, "is_solved": bool(date), "date_solved": date or False}

    def _check_editable(self):
        for record in self:
            if not record.is_editable:
                raise UserError(
                    self.env._(
                        "A field record may be edited for %(hours)s hours. Amend it: the old "
                        "values stay, with your reason.",
                        hours=record.company_id.expat_kpi_record_hours,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self:
            raise UserError(self.env._("A field record is archived, not deleted."))

    # ------------------------------------------------------------------
    # From the phone
    # ------------------------------------------------------------------

    @api.model
    def _receive(self, vals):
        """A record sent by a phone; the same one again is the one that is there.

        :return: (record, whether it is new)
        """
        employee = self.env.user.employee_id
        known = self.with_context(active_test=False).search(
            [("employee_id", "=", employee.id), ("client_uuid", "=", vals["client_uuid"])]
        )
        if known:
            return known, False
        with arriving_once(self.env.cr):
            record = self.create({**vals, "employee_id": employee.id})
            record.flush_recordset()
        return record, True

    def _take_changes(self, vals):
        """What was edited on the phone after it had arrived, unknown to the phone.

        Only what differs, so that the same edit may come twice, too; and only what was
        edited: the rest may have been changed in Odoo meanwhile.
        """
        self.ensure_one()
        changes = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changes:
            self.write(changes)

    @api.model
    def _moment(self, text):
        """A moment (naive UTC) from ISO text that a device sends."""
        try:
            return datetime.strptime(text or "", "%Y-%m-%dT%H:%M:%S")
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.env._("The time of this record is not readable. Enter it again.")
            ) from error
