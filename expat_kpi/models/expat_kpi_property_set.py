from odoo import fields, models


class ExpatKpiPropertySet(models.Model):
    """The fields of a customer's own that indicators, plans and postings of a company have.

    There is one for each company, made with it. HR officers define fields in the form of
    an indicator, plan or posting, as Odoo offers it to whoever may write the record that
    holds the definitions: this one, and no setting of the company. Everybody may read it.
    """

    _name = "expat.kpi.property.set"
    _description = "Own Fields of a Company"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    indicator_properties = fields.PropertiesDefinition("Fields of Indicators")
    plan_properties = fields.PropertiesDefinition("Fields of KPI Plans")
    posting_properties = fields.PropertiesDefinition("Fields of Postings")

    _company_once = models.UniqueIndex("(company_id)", "A company has its own fields once.")
