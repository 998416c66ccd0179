import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from odoo.addons.base.models.res_partner import _tz_get


class ExpatPosting(models.Model):
    """Where an employee lives and works for the company, from one day to another.

    The posting decides on which local day a record of this person counts, and
    which working calendar, currency and manager go with it. Days are local days
    of the host country; both ends are included. A person has at most one posting
    a day.

    HR officers keep postings; employees read their own, managers those of the
    team below them.
    """

    _name = "expat.posting"
    _description = "Posting abroad"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    # What says who is the dotted-line manager of a plan's days.
    _dotted_fields = frozenset({"employee_id", "dotted_manager_id", "date_from", "date_to"})

    employee_id = fields.Many2one(
        "hr.employee", required=True, index=True, ondelete="cascade", tracking=True
    )
    company_id = fields.Many2one(
        related="employee_id.company_id", store=True, index=True, precompute=True
    )
    job_id = fields.Many2one(
        "hr.job", string="Role", check_company=True, tracking=True, help="Role during the posting."
    )
    dotted_manager_id = fields.Many2one(
        "hr.employee",
        string="Dotted-line Manager",
        tracking=True,
        help="A second manager, usually in the host country, who follows this person's plans.",
    )

    # Where
    country_id = fields.Many2one(
        "res.country", string="Host Country", required=True, index=True, tracking=True
    )
    region_id = fields.Many2one(
        "expat.region",
        index=True,
        compute="_compute_from_country",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        compute="_compute_from_country",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="A record counts on the day that it was in this zone.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Host Working Hours",
        check_company=True,
        tracking=True,
        help="The host country's working days and public holidays. "
        "Empty: the employee's own working hours.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        string="Host Currency",
        compute="_compute_from_country",
        store=True,
        readonly=False,
        precompute=True,
    )

    # When
    date_from = fields.Date(string="From", required=True, tracking=True)
    date_to = fields.Date(
        string="To", tracking=True, help="Last day of the posting. Empty: no end is known."
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A posting cannot end before it begins.",
    )
    # An integer range stands in for `employee_id WITH =`, which would need the
    # extension btree_gist. The database, not a check in Python, keeps two
    # simultaneous transactions from posting one person twice.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(employee_id, employee_id, '[]') WITH &&,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "This person is already posted on some of these days. "
        "End the other posting on the day before this one begins.",
    )

    @api.depends("country_id")
    def _compute_from_country(self):
        """Propose region, zone and currency; HR may choose otherwise."""
        regions = self.env["expat.region"].search([("country_ids", "!=", False)])
        for posting in self:
            country = posting.country_id
            posting.currency_id = country.currency_id or posting.currency_id
            posting.region_id = (
                next((region for region in regions if country in region.country_ids), False)
                or posting.region_id
            )
            zones = pytz.country_timezones.get(country.code or "", [])
            if posting.tz not in zones:
                posting.tz = zones[0] if zones else (posting.tz or self.env.user.tz or "UTC")

    @api.depends("employee_id", "country_id", "date_from", "date_to")
    def _compute_display_name(self):
        for posting in self:
            start = format_date(self.env, posting.date_from) if posting.date_from else "…"
            stop = format_date(self.env, posting.date_to) if posting.date_to else "…"
            posting.display_name = self.env._(
                "%(employee)s, %(country)s, %(start)s – %(stop)s",
                employee=posting.employee_id.name or "",
                country=posting.country_id.name or "",
                start=start,
                stop=stop,
            )

    @api.constrains("tz")
    def _check_tz(self):
        """The database computes local days, and must know the zone too."""
        known = self._known_zones()
        for posting in self:
            if posting.tz not in known:
                raise ValidationError(
                    self.env._(
                        "The database knows no time zone “%(zone)s”. Choose a neighbouring city.",
                        zone=posting.tz,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # An earlier posting that was just ended must be so in the database before the
        # next one is inserted, or the two overlap there.
        self.flush_model(["date_from", "date_to"])
        employees = self.env["hr.employee"].browse(
            vals["employee_id"] for vals in vals_list if vals.get("employee_id")
        )
        with employees._open_plans()._place_kept("dotted_manager"):
            return super().create(vals_list)

    def write(self, vals):
        if not self._dotted_fields.intersection(vals):
            return super().write(vals)
        employees = self.employee_id | self.employee_id.browse(vals.get("employee_id") or ())
        with employees._open_plans()._place_kept("dotted_manager"):
            return super().write(vals)

    def unlink(self):
        with self.employee_id._open_plans()._place_kept("dotted_manager"):
            return super().unlink()

    @api.model
    def _known_zones(self):
        """Names of the zones that PostgreSQL can compute with.

        Reading the view costs some 50 ms, since it opens every zone's file; the
        names change with PostgreSQL's version only, hence once per registry.
        """
        known = getattr(self.pool, "_expat_kpi_zones", None)
        if known is None:
            known = frozenset(
                name
                for (name,) in self.env.execute_query(SQL("SELECT name FROM pg_timezone_names"))
            )
            self.pool._expat_kpi_zones = known
        return known
