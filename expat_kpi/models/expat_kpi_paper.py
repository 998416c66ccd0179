from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml


class ExpatKpiPaper(models.AbstractModel):
    """What can be had on paper: as PDF, or as a page that the browser prints.

    The paper ``_paper`` shows no more than its reader may read on the screen.
    """

    _name = "expat.kpi.paper"
    _description = "On Paper"

    # Name of the report; that of its action is the same with "_action" behind.
    _paper = None

    def action_print(self):
        self.check_access("read")
        if self._can_be_pdf():
            return self.env.ref(f"{self._paper}_action").report_action(self)
        ids = ",".join(str(record.id) for record in self)
        return {
            "type": "ir.actions.act_url",
            "url": f"/report/html/{self._paper}/{ids}",
            "target": "new",
        }

    def _can_be_pdf(self):
        """Whether the server can make a PDF of these: as Debian ships it, wkhtmltopdf takes one
        document at a time."""
        state = self.env["ir.actions.report"].get_wkhtmltopdf_state()
        return state in ("ok", "upgrade") and (len(self) == 1 or _wkhtml().is_patched_qt)
