import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import revision as engine
from ..tools.adjustment_sentences import touched_sentence
from ..tools.plan_sentences import diff_rows


class ExpatKpiRevision(models.Model):
    """A numbered version of what a plan says. Its content never changes.

    The content is canonical JSON (see the engine's `revision`), its hash is what the
    parties sign. The plan points at the latest revision, which is talked about, and
    at the one in force, which all have agreed on.
    """

    _name = "expat.kpi.revision"
    _description = "Version of a KPI Plan"
    _inherit = ["expat.kpi.history"]
    _order = "plan_id, number desc"
    _rec_name = "number"

    plan_id = fields.Many2one(
        "expat.kpi.plan", required=True, index=True, ondelete="restrict", readonly=True
    )
    employee_id = fields.Many2one(related="plan_id.employee_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    number = fields.Integer(string="Version", required=True, readonly=True, aggregator=None)
    content = fields.Text(required=True, readonly=True, help="Canonical JSON.")
    content_hash = fields.Char(
        string="Fingerprint",
        required=True,
        readonly=True,
        help="SHA-256 of the content. What the parties sign.",
    )
    reason = fields.Char(readonly=True, help="Why this version was made.")
    proposal_id = fields.Many2one("expat.kpi.proposal", readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", string="Made By", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Datetime(required=True, readonly=True)
    signature_ids = fields.One2many("expat.kpi.signature", "revision_id", readonly=True)
    is_latest = fields.Boolean(compute="_compute_is_latest")
    is_in_force = fields.Boolean(compute="_compute_is_latest", string="In Force")
    content_html = fields.Html(compute="_compute_content_html", sanitize=False, string="Lines")

    _number_uniq = models.UniqueIndex(
        "(plan_id, number)", "Somebody else has just made this version."
    )

    @api.depends("plan_id.latest_revision_id", "plan_id.revision_id")
    def _compute_is_latest(self):
        for revision in self:
            revision.is_latest = revision == revision.plan_id.latest_revision_id
            revision.is_in_force = revision == revision.plan_id.revision_id

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_content_html(self):
        for revision in self:
            # A content beside itself: the numbers as they are, with nothing changed.
            revision.content_html = revision._render_diff(revision)

    @api.depends("number", "plan_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._("Version %(number)s", number=revision.number)

    @api.model
    def _next_number(self, plan):
        # Straight from the table, and with the plan locked: see `expat.kpi.plan._lock`.
        [(number,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(MAX(number), 0) + 1 FROM expat_kpi_revision WHERE plan_id = %s",
                plan.id,
            )
        )
        return number

    def _content(self):
        """The content as plain values."""
        self.ensure_one()
        return json.loads(self.content)

    def _is_intact(self):
        """Whether the content still is what was signed."""
        self.ensure_one()
        return engine.content_hash(self._content()) == self.content_hash

    def _render_diff(self, before):
        """The lines of this revision, old beside new, as HTML."""
        self.ensure_one()
        return self._render_contents(before._content(), self._content())

    @api.model
    def _render_contents(self, before, after, with_touched=True):
        """The lines of a content beside those of another, as HTML."""
        return self.env["ir.qweb"]._render(
            "expat_kpi.revision_diff",
            {
                "rows": diff_rows(self.env, engine.diff(before, after)),
                "content": after,
                "first": fields.Date.to_date(after["plan"]["date_from"]),
                "last": fields.Date.to_date(after["plan"]["date_to"]),
                "touched": with_touched and touched_sentence(self.env, after),
                "weight_total": sum(line["weight"] for line in after["lines"]),
            },
        )

    def action_compare(self):
        """Open this version beside the one before it."""
        self.ensure_one()
        self.check_access("read")
        before = self.search(
            [("plan_id", "=", self.plan_id.id), ("number", "<", self.number)], limit=1
        )
        return self.plan_id._open_comparison(before or self, self)
