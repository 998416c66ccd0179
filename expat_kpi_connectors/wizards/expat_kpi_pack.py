from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.packs import PACKS

BY_NAME = {pack.name: pack for pack in PACKS}


class ExpatKpiPack(models.TransientModel):
    """The ready measures of an application, for HR: whether they are there and, if not, why.

    A row for each pack, made anew whenever the list is opened; all else is looked up.
    """

    _name = "expat.kpi.pack"
    _description = "Ready Measures of an Application"
    _rec_name = "apps"

    pack = fields.Char(required=True, readonly=True)
    apps = fields.Char(string="Applications", compute="_compute_state")
    state = fields.Selection(
        [
            ("loaded", "In the library"),
            ("left_out", "Left out"),
            ("to_load", "To be loaded"),
            ("app_missing", "Application missing"),
        ],
        compute="_compute_state",
    )
    note = fields.Text(string="What to Do", compute="_compute_state")

    @api.depends("pack")
    @api.depends_context("lang")
    def _compute_state(self):
        names = {app for row in self for app in BY_NAME[row.pack].apps}
        # sudo: ir.module.module – what applications are called
        apps = self.env["ir.module.module"].sudo().search([("name", "in", list(names))])
        titles = {app.name: app.shortdesc for app in apps}
        for row in self:
            pack = BY_NAME[row.pack]
            wanted = [titles.get(app, app) for app in pack.apps]
            row.apps = format_list(self.env, wanted)
            row.note = False
            if not pack.has_apps(self.env):
                row.state = "app_missing"
            elif blocking := pack.in_the_way(self.env):
                row.state = "left_out"
                row.note = row._what_to_do(blocking)
            elif pack.is_loaded(self.env):
                row.state = "loaded"
            else:
                row.state = "to_load"

    @api.model
    def _what_to_do(self, blocking):
        """A sentence on the first kind of what is in the way; the others are seen after it."""
        records = blocking[0]
        if records._name == "expat.kpi.source":
            return self.env._(
                "An administrator published %(names)s, which the ready source would publish a "
                "second time. Where no measure counts it, delete that source, then load.",
                names=format_list(self.env, records.mapped("name")),
            )
        return self.env._(
            "The code of %(names)s is that of a ready one. Give it another code or archive it, "
            "then load.",
            names=format_list(self.env, [f"{one.name} ({one.code})" for one in records]),
        )

    @api.model
    def action_open(self):
        self.env["expat.kpi.measure"].check_access("create")
        rows = self.create([{"pack": pack.name} for pack in PACKS])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ready Measures"),
            "res_model": self._name,
            "views": [[False, "list"]],
            "domain": [("id", "in", rows.ids)],
        }

    def action_open_in_the_way(self):
        """Open what has to be renamed."""
        self.ensure_one()
        blocking = BY_NAME[self.pack].in_the_way(self.env)
        if not blocking:
            raise UserError(self.env._("Nothing is in the way any more. Load the ready measures."))
        # Whoever may not read it is told so by the list.
        records = self.env[blocking[0]._name].browse(blocking[0].ids)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("In the Way"),
            "res_model": records._name,
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", records.ids)],
        }

    def action_load(self):
        """Load the ready measures that were left out."""
        self.ensure_one()
        self.env["expat.kpi.measure"].check_access("create")
        pack = BY_NAME[self.pack]
        # Others may have waited for it.
        self.env["ir.model.data"]._expat_kpi_load(
            one
            for one in PACKS
            if one.has_apps(self.env) and (one is pack or not one.is_loaded(self.env))
        )
        self.invalidate_recordset()
        if self.state != "loaded":
            raise UserError(
                self.note
                or self.env._(
                    "The ready measures of %(apps)s cannot be loaded. Load those above first; the "
                    "server's log says more.",
                    apps=self.apps,
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("They are in the library."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
