from odoo import api, models
from odoo.http import request

from ..controllers.field import set_login_cookie


class ResUsers(models.Model):
    """Who logs in on a phone finds nothing of the one before on the field page."""

    _inherit = "res.users"

    @api.model
    def _update_last_login(self):
        if request:
            set_login_cookie(self.env.uid)
        return super()._update_last_login()
