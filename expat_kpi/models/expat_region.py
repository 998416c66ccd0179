from odoo import fields, models


class ExpatRegion(models.Model):
    """A part of the world that the company steers as one: Southeast Asia, DACH, …

    Everybody in the company reads regions; HR officers keep them.
    """

    _name = "expat.region"
    _description = "Region"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    country_ids = fields.Many2many("res.country", string="Countries")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leave empty to share the region between all companies.",
    )

    _name_company_uniq = models.UniqueIndex(
        "(name, COALESCE(company_id, 0))", "A region of this name exists already."
    )
