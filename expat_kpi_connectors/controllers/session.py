from odoo.http import route

from odoo.addons.web.controllers.session import Session

from .field import set_login_cookie


class FieldSession(Session):
    """Who logs out leaves nothing to be seen on the field page."""

    @route()
    def logout(self, *args, **kwargs):
        set_login_cookie(0)
        return super().logout(*args, **kwargs)

    @route()
    def destroy(self):
        set_login_cookie(0)
        return super().destroy()
