from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError

ADDON = "expat_kpi_connectors"


class ExpatKpiReady(models.AbstractModel):
    """What this addon brings, and HR may have made before it came.

    A code means what HR has said, and a model is published once: what is there takes the
    place of ours and stays as it is, where installation or update would stop at the second.
    """

    _name = "expat.kpi.ready"
    _description = "Ready Record"

    @api.model
    def _load_records_create(self, vals_list):
        if self.env.context.get("install_module") != ADDON:
            return super()._load_records_create(vals_list)
        records = self.browse()
        for values in vals_list:
            theirs = self._in_place_of(values)
            records += theirs or super()._load_records_create([values])
            theirs._make_do(values)
        return records

    @api.model
    def _in_place_of(self, values):
        """What is there in place of a record with these values, if anything."""
        domain = [("code", "=", values["code"]), ("company_id", "=", False)]
        return self.search(domain, limit=1)

    def _make_do(self, values):
        """Add what others of ours need of it."""

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ready(self):
        """An update creates what is missing of its data: what HR deleted would come back.

        Archived it stays archived. The system itself deletes, when applications go.
        """
        if self.env.uid == SUPERUSER_ID or "active" not in self._fields:
            return
        # sudo: ir.model.data – which of them are ours
        rows = self.env["ir.model.data"].sudo()
        ready = rows.search(
            [("module", "=", ADDON), ("model", "=", self._name), ("res_id", "in", self.ids)],
            limit=1,
        )
        for record in self.browse(ready.res_id):
            raise UserError(
                self.env._(
                    "“%(name)s” is a ready one: deleted, it would come back with the next update. "
                    "Archive it instead.",
                    name=record.display_name,
                )
            )
