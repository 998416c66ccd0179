"""The definitions of a company's own fields get a record of their own, which HR may write."""

from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

# What the columns of the company are called in the record.
COLUMNS = {
    "expat_kpi_indicator_properties": "indicator_properties",
    "expat_kpi_plan_properties": "plan_properties",
    "expat_posting_properties": "posting_properties",
}


def migrate(cr, version):
    """Before the models are set up: records must never be without the definitions of what they
    hold, and the company's columns go with the fields."""
    if not version or table_exists(cr, "expat_kpi_property_set"):
        return
    if not all(column_exists(cr, "res_company", column) for column in COLUMNS):
        return
    cr.execute(
        """CREATE TABLE expat_kpi_property_set (
               id SERIAL PRIMARY KEY,
               company_id INTEGER NOT NULL,
               indicator_properties JSONB,
               plan_properties JSONB,
               posting_properties JSONB,
               create_uid INTEGER,
               create_date TIMESTAMP,
               write_uid INTEGER,
               write_date TIMESTAMP
           )"""
    )
    cr.execute(
        SQL(
            """INSERT INTO expat_kpi_property_set
                      (company_id, %s, create_uid, write_uid, create_date, write_date)
               SELECT id, %s, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                 FROM res_company""",
            SQL(", ").join(SQL.identifier(name) for name in COLUMNS.values()),
            SQL(", ").join(SQL.identifier(name) for name in COLUMNS),
        )
    )
    cr.execute("ALTER TABLE res_company ADD COLUMN expat_kpi_property_set_id INTEGER")
    cr.execute(
        """UPDATE res_company
              SET expat_kpi_property_set_id = expat_kpi_property_set.id
             FROM expat_kpi_property_set
            WHERE expat_kpi_property_set.company_id = res_company.id"""
    )
