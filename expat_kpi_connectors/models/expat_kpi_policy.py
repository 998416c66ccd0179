from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


@dataclass(frozen=True)
class PolicyRules:
    """What holds in a country; as it stands: where no policy was made."""

    use_position: bool = False
    place_days: int = 365
    use_photos: bool = True
    photo_days: int = 30
    smallest_group: int = 5


class ExpatKpiPolicy(models.Model):
    """What may be kept about people posted in a country, and for how long.

    HR officers write policies; everybody may read what holds for them. A policy of a
    company wins over one for all companies. Where there is none, no position is kept,
    and the defaults of `PolicyRules` hold.
    """

    _name = "expat.kpi.policy"
    _description = "Privacy Policy"
    _inherit = ["expat.kpi.guarded", "mail.thread"]
    _order = "country_id, company_id, id"
    _rec_name = "country_id"
    _guarded_fields = frozenset({"notice_version", "consent_ids"})

    country_id = fields.Many2one(
        "res.country", string="Host Country", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty for the people of all companies."
    )
    active = fields.Boolean(default=True)

    # What is kept
    use_position = fields.Boolean(
        string="Positions",
        tracking=True,
        help="The phone may send where it is, of people who have confirmed the notice. "
        "Switched off, no position is kept, whatever a phone sends, and those kept so far "
        "are erased.",
    )
    place_days = fields.Integer(
        string="Keep Places For",
        default=PolicyRules.place_days,
        required=True,
        tracking=True,
        help="In days. Older positions and entered places are erased every night.",
    )
    use_photos = fields.Boolean(
        string="Photos",
        default=True,
        tracking=True,
        help="Photos may be added to field records. Switched off, none is kept.",
    )
    photo_days = fields.Integer(
        string="Keep Photos For",
        default=PolicyRules.photo_days,
        required=True,
        tracking=True,
        help="In days. Older photos of field records are erased every night.",
    )
    smallest_group = fields.Integer(
        default=PolicyRules.smallest_group,
        required=True,
        tracking=True,
        help="Rankings and comparisons are shown for at least so many people.",
    )

    # Why it may be kept
    notice = fields.Text(
        tracking=True,
        translate=True,
        help="What people read and confirm before their position is kept: what it is used for, "
        "who sees it, and for how long. Translate it for those who read another language.",
    )
    notice_version = fields.Integer(
        string="Version of the Notice", default=1, readonly=True, copy=False, aggregator=None
    )
    agreement = fields.Char(
        string="Works Agreement",
        tracking=True,
        help="Reference to the agreement with the employees' representatives, if there is one.",
    )
    consent_ids = fields.One2many(
        "expat.kpi.policy.consent", "policy_id", string="Confirmations", readonly=True
    )

    _place_uniq = models.UniqueIndex(
        "(country_id, COALESCE(company_id, 0)) WHERE active",
        "There is a policy for this country already.",
    )
    _days_positive = models.Constraint(
        "CHECK (place_days >= 1 AND photo_days >= 1)",
        "Keep it for at least one day, or not at all.",
    )
    _group_positive = models.Constraint(
        "CHECK (smallest_group >= 2)", "A group has at least two people."
    )

    @api.depends("country_id", "company_id")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.country_id.name or ""

    @api.constrains("use_position", "notice")
    def _check_notice(self):
        for policy in self:
            if policy.use_position and not (policy.notice or "").strip():
                raise ValidationError(
                    self.env._("Write the notice that people confirm before positions are kept.")
                )

    def write(self, vals):
        """What people confirmed was this notice, and what it stood for."""
        asked = self.filtered(
            lambda policy: (
                ("notice" in vals and (vals["notice"] or "") != (policy.notice or ""))
                or (vals.get("use_position") and not policy.use_position)
                or (vals.get("place_days") or 0) > policy.place_days
                or any(
                    name in vals and (vals[name] or False) != policy[name].id
                    for name in ("country_id", "company_id")
                )
            )
        )
        result = super().write(vals)
        for policy in asked:
            policy._set_guarded({"notice_version": policy.notice_version + 1})
        return result

    def update_field_translations(self, field_name, translations, source_lang=""):
        """A translation is what somebody confirms, too."""
        result = super().update_field_translations(field_name, translations, source_lang)
        if field_name == "notice":
            for policy in self:
                policy._set_guarded({"notice_version": policy.notice_version + 1})
        return result

    # ------------------------------------------------------------------
    # What holds
    # ------------------------------------------------------------------

    @api.model
    def _by_place(self, places):
        """The policy of each (company, country), or none.

        :return: {(company, country): policy}
        """
        companies = {company.id for company, _country in places} | {False}
        # sudo: expat.kpi.policy – what holds does not depend on who asks
        found = self.sudo().search(
            [
                ("country_id", "in", [country.id for _company, country in places]),
                ("company_id", "in", list(companies)),
            ]
        )
        by_place = {(policy.company_id, policy.country_id): policy for policy in found}
        everywhere = self.env["res.company"].browse()
        nothing = found.browse()
        return {
            (company, country): by_place.get(
                (company, country), by_place.get((everywhere, country), nothing)
            )
            for company, country in places
        }

    def _rules(self):
        """What this policy, or none, says."""
        if not self:
            return PolicyRules()
        self.ensure_one()
        return PolicyRules(
            self.use_position,
            self.place_days,
            self.use_photos,
            self.photo_days,
            self.smallest_group,
        )

    def _has_consent(self, employee):
        """Whether this person has confirmed the notice as it is now, and not withdrawn."""
        self.ensure_one()
        # sudo: expat.kpi.policy.consent – whether there is one
        last = (
            self.env["expat.kpi.policy.consent"]
            .sudo()
            .search(
                [("policy_id", "=", self.id), ("employee_id", "=", employee.id)],
                order="id desc",
                limit=1,
            )
        )
        return last.is_given and last.notice_version == self.notice_version

    def action_confirm(self, version):
        """Confirm the notice, as the person whom it is shown to.

        :param version: of the notice that was read
        """
        return self._answer(version, is_given=True)

    def action_withdraw(self):
        """Take the confirmation back: from now on no position is kept."""
        return self._answer(self.notice_version, is_given=False)

    def _answer(self, version, *, is_given):
        self.ensure_one()
        self.check_access("read")
        employee = self.env.user.employee_id
        if not employee:
            raise UserError(
                self.env._("Your login belongs to no employee. Ask HR to link it to yours.")
            )
        if is_given and version != self.notice_version:
            raise UserError(
                self.env._("The notice has changed meanwhile. Read the new one and confirm it.")
            )
        # sudo: expat.kpi.policy.consent – the person's own answer, and only that
        self.env["expat.kpi.policy.consent"].sudo()._create_guarded(
            [
                {
                    "policy_id": self.id,
                    "employee_id": employee.id,
                    "user_id": self.env.uid,
                    "notice_version": self.notice_version,
                    "notice": self.notice,
                    "is_given": is_given,
                    "date": fields.Datetime.now(),
                }
            ]
        )
        return True

    # ------------------------------------------------------------------
    # Erasure
    # ------------------------------------------------------------------

    @api.model
    def _cron_erase(self):
        self._erase(fields.Date.today())

    @api.model
    def _erase(self, today):
        """Erase positions, places and photos that are too old, or switched off.

        Few statements for all records; that there was a place or a photo stays known.
        """
        self.env.flush_all()
        defaults = PolicyRules()
        place_days = SQL("COALESCE(policy.place_days, %s)", defaults.place_days)
        photo_days = SQL(
            "CASE WHEN policy.use_photos IS FALSE THEN 0 ELSE COALESCE(policy.photo_days, %s) END",
            defaults.photo_days,
        )
        position_days = SQL("CASE WHEN policy.use_position THEN policy.place_days ELSE 0 END")
        self.env.execute_query(
            SQL(
                "DELETE FROM expat_kpi_record_place WHERE record_id IN (%s) RETURNING id",
                self._too_old(today, position_days),
            )
        )
        self.env.execute_query(
            SQL(
                "UPDATE expat_kpi_record SET place = NULL"
                " WHERE place IS NOT NULL AND id IN (%s) RETURNING id",
                self._too_old(today, place_days),
            )
        )
        photos = self.env.execute_query(
            SQL(
                "SELECT id FROM expat_kpi_record_photo WHERE record_id IN (%s)",
                self._too_old(today, photo_days),
            )
        )
        images = self.env.execute_query(
            SQL(
                "SELECT id FROM ir_attachment WHERE res_model = 'expat.kpi.record'"
                " AND mimetype LIKE 'image/%%' AND res_id IN (%s)",
                self._too_old(today, photo_days),
            )
        )
        self.env.invalidate_all()
        # The ORM deletes files, too.
        # sudo: expat.kpi.record.photo, ir.attachment – HR decided that they are erased
        self.env["expat.kpi.record.photo"].sudo().browse(row[0] for row in photos)._erase_rows()
        self.env["ir.attachment"].sudo().browse(row[0] for row in images).unlink()

    @api.model
    def _too_old(self, today, days):
        """Sub-query: ids of the records more than ``days`` (SQL over `policy`) old."""
        return SQL(
            """SELECT record.id
                 FROM expat_kpi_record record
                 LEFT JOIN LATERAL (
                    SELECT * FROM expat_kpi_policy candidate
                     WHERE candidate.active AND candidate.country_id = record.country_id
                       AND (candidate.company_id IS NULL
                            OR candidate.company_id = record.company_id)
                     ORDER BY candidate.company_id NULLS LAST LIMIT 1) policy ON TRUE
                WHERE record.day < %s::date - (%s)""",
            today,
            days,
        )
