from odoo import api, fields, models


class ResCompany(models.Model):
    """Each company has a record that says which fields of its own there are."""

    _inherit = "res.company"

    expat_kpi_property_set_id = fields.Many2one(
        "expat.kpi.property.set", string="Own Fields", readonly=True, copy=False
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._make_property_sets()
        return companies

    @api.model
    def _init_property_sets(self):
        """For the companies that were there before; done with each update, and only once."""
        self.with_context(active_test=False).search(
            [("expat_kpi_property_set_id", "=", False)]
        )._make_property_sets()

    def _make_property_sets(self):
        # sudo: expat.kpi.property.set – comes with the company, whoever makes that
        sets = self.env["expat.kpi.property.set"].sudo()
        for company, made in zip(
            self, sets.create([{"company_id": company.id} for company in self]), strict=True
        ):
            company.sudo().expat_kpi_property_set_id = made
