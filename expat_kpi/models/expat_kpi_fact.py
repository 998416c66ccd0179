from odoo import api, fields, models
from odoo.tools import SQL


class ExpatKpiFact(models.Model):
    """What a measure found for one employee on one local day.

    Only things that add up are kept, so that a month, a team or the part of a
    quarter after an adjustment is a sum of rows. Money is in the currency of the
    employee's company, durations in the measure's unit.

    Facts are written by `tools.fact_refresh` alone, a statement per measure; nobody
    has rights to write them. The table is made here and not by the ORM, which
    would add foreign keys and log columns: they cost more than all the rest of a
    first fill. Employees, measures and their versions delete their facts themselves.
    """

    _name = "expat.kpi.fact"
    _description = "Daily Fact"
    _auto = False
    _log_access = False
    _order = "day desc, id desc"

    version_id = fields.Many2one("expat.kpi.measure.version", readonly=True)
    employee_id = fields.Many2one("hr.employee", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    day = fields.Date(string="Local Day", readonly=True)
    key = fields.Integer(
        readonly=True,
        aggregator=None,
        help="For a distinct count: the record counted once. Else 0.",
    )
    amount = fields.Float(
        readonly=True, digits=0, help="What is added up: records, a quantity, money, days or hours."
    )
    count = fields.Integer(readonly=True, help="How many records it came from.")
    fault_count = fields.Integer(
        string="Not Computable",
        readonly=True,
        help="Records that should count but could not be computed: no rate, no finite number.",
    )

    def init(self):
        # The order of the unique index makes a span of one measure one range of it;
        # the second serves one person's numbers. Both hold all that is asked for, so
        # that the table is not visited.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS expat_kpi_fact (
                id serial PRIMARY KEY,
                version_id integer NOT NULL,
                employee_id integer NOT NULL,
                company_id integer NOT NULL,
                day date NOT NULL,
                key integer NOT NULL DEFAULT 0,
                amount numeric NOT NULL,
                count integer NOT NULL,
                fault_count integer NOT NULL DEFAULT 0
            );
            CREATE UNIQUE INDEX IF NOT EXISTS expat_kpi_fact_cell
                ON expat_kpi_fact (version_id, day, employee_id, key)
                INCLUDE (amount, count, fault_count, company_id, id);
            CREATE INDEX IF NOT EXISTS expat_kpi_fact_person
                ON expat_kpi_fact (employee_id, version_id, day)
                INCLUDE (key, amount, count, fault_count);
            """
        )

    @api.model
    def _forget(self, column, ids):
        """Delete the facts of what is deleted itself: there are no foreign keys."""
        self.env.execute_query(
            SQL("DELETE FROM expat_kpi_fact WHERE %s = ANY(%s)", SQL.identifier(column), list(ids))
        )
        self.invalidate_model()
