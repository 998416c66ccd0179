from odoo import api, fields, models
from odoo.exceptions import UserError

# So many are proposed while the officer waits; the others in the background.
AT_ONCE = 25


class ExpatKpiEvent(models.Model):
    """Proposing to all: one adjustment for each plan, made once.

    The first few are made at once, hundreds by a scheduled job that shows how far it is.
    Either way they are proposed by the officer who pressed the button, in that name.
    """

    _inherit = "expat.kpi.event"

    def action_propose(self):
        """Propose to all plans that are touched and have not been proposed to yet."""
        for event in self:
            event.check_access("write")
            event._lock()
            if event.state not in ("draft", "proposed"):
                raise UserError(self.env._("“%(event)s” is over already.", event=event.name))
            if not event.line_ids:
                raise UserError(self.env._("Say what changes before it is proposed."))
            event._look()
            rows = event.row_ids.filtered(lambda row: row.status in ("touched", "failed"))
            if not rows and event.state == "draft":
                raise UserError(
                    self.env._(
                        "This event touches no plan. Beside each plan it is said why it is left "
                        "alone."
                    )
                )
            rows._set_guarded({"is_queued": True, "failure": False})
            event._set_guarded(
                {
                    "state": "proposed",
                    "date_proposed": event.date_proposed or fields.Datetime.now(),
                    "proposer_id": self.env.uid,
                }
            )
            made = self.env["expat.kpi.adjustment"].union(
                *(row._propose() for row in rows[:AT_ONCE])
            )
            made.sudo()._tell_proposed()
            if len(rows) > AT_ONCE:
                self.env.ref("expat_kpi.ir_cron_event")._trigger()
            event._settle()
        return True

    @api.model
    def _cron_propose(self):
        """Propose to those who are still in the queue, one after the other."""
        rows = self.env["expat.kpi.event.plan"].search([("status", "=", "queued")], order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(rows))
        for row in rows:
            # Another worker may be at it, or have been.
            row = row.try_lock_for_update(allow_referencing=True)
            row.invalidate_recordset()
            if row.status == "queued":
                officer = row.event_id.proposer_id
                own = row.with_user(officer).with_context(
                    allowed_company_ids=row.company_id.ids, lang=officer.lang
                )
                own._propose().sudo()._tell_proposed()
                row.event_id._settle()
            if not cron._commit_progress(1):
                break


class ExpatKpiEventPlan(models.Model):
    _inherit = "expat.kpi.event.plan"

    def _propose(self):
        """Make and propose the adjustment of this plan, or keep the sentence that says why not.

        What fails leaves nothing behind but its sentence, and the others go on. Nobody is told
        yet.

        :return: the adjustment, or none
        """
        self.ensure_one()
        # sudo: expat.kpi.event.plan – what came of it is noted, also where it failed because the
        # officer who pressed the button is none any more
        noted = self.sudo()
        try:
            with self.env.cr.savepoint():
                values = self.event_id._prepare_adjustment(self)
                adjustment = self.env["expat.kpi.adjustment"].create(values)
                adjustment._set_guarded({"event_id": self.event_id.id})
                adjustment._propose()
                noted._set_guarded({"adjustment_id": adjustment.id, "is_queued": False})
        except UserError as error:
            noted._set_guarded({"failure": str(error), "is_queued": False})
            return self.env["expat.kpi.adjustment"]
        return adjustment
