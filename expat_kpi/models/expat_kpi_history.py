from odoo import api, models
from odoo.exceptions import UserError


class ExpatKpiHistory(models.AbstractModel):
    """Records that are written once, by the product, and stay as they are.

    Nobody creates, changes or deletes them, over RPC or otherwise, HR officers and
    administrators included. Business methods append with `_create_guarded`.
    """

    _name = "expat.kpi.history"
    _description = "Append-only History"
    _inherit = ["expat.kpi.guarded"]

    @api.model_create_multi
    def create(self, vals_list):
        if vals_list and not self._is_granted(vals_list):
            raise UserError(self._history_sentence())
        return super().create(vals_list)

    # pylint: disable-next=method-required-super
    def write(self, vals):
        if self and vals:
            raise UserError(self._history_sentence())
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if self:
            raise UserError(self._history_sentence())

    def _set_guarded(self, vals):
        raise UserError(self._history_sentence())

    def _history_sentence(self):
        return self.env._(
            "“%(model)s” is history: the system writes it, and nobody changes it.",
            model=self.env["ir.model"]._get(self._name).name,
        )
