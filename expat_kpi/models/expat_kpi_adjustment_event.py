from odoo import fields, models

from .expat_kpi_adjustment import ExpatKpiAdjustment as Adjustment

ANSWERED = ("in_force", "refused", "withdrawn", "lapsed")


class ExpatKpiAdjustment(models.Model):
    """An adjustment that came of a market event tells it what was answered."""

    _inherit = "expat.kpi.adjustment"
    _guarded_fields = Adjustment._guarded_fields | {"event_id"}

    event_id = fields.Many2one(
        "expat.kpi.event",
        string="Market Event",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="What happened to many plans at once.",
    )

    def _set_guarded(self, vals):
        result = super()._set_guarded(vals)
        if vals.get("state") in ANSWERED:
            # sudo: expat.kpi.event – whoever answers last makes it done, and sees no more of it
            self.sudo().event_id._settle()
        return result

    def _evidence(self):
        """Those of the event too."""
        # sudo: ir.attachment – once it is proposed, the event is read by whoever reads the plan
        attachments = self.env["ir.attachment"].sudo()
        events = self.sudo().event_id
        found = attachments.search(
            [("res_model", "=", events._name), ("res_id", "in", events.ids)], order="id"
        ).grouped("res_id")
        return {
            adjustment: own | found.get(adjustment.sudo().event_id.id, attachments)
            for adjustment, own in super()._evidence().items()
        }

    def _withdraw_for_event(self):
        """Withdraw those that are not answered yet, because HR cancels their event."""
        for adjustment in self.filtered(lambda one: one.state == "proposed"):
            # sudo: expat.kpi.plan – the officer who cancels need not be the one who proposed
            plan = adjustment.plan_id.sudo()
            plan._lock()
            if plan.open_adjustment_id == adjustment:
                plan._end_adjustment("withdrawn")
