from pathlib import Path

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

MIGRATIONS = Path(__file__).parents[1] / "migrations"
SCRIPT = MIGRATIONS / "19.0.1.1.0" / "pre-migrate.py"
FACTS = MIGRATIONS / "19.0.1.2.0" / "post-migrate.py"
OLD_COLUMNS = (
    "expat_kpi_indicator_properties",
    "expat_kpi_plan_properties",
    "expat_posting_properties",
)


@tagged("post_install", "-at_install")
class TestMigration(TransactionCase):
    def test_definitions_of_own_fields_move_to_their_record(self):
        migrate = load_script(str(SCRIPT), "expat_kpi_pre_migrate").migrate
        company = self.env["res.company"].create({"name": "Own Fields"})
        self.env.flush_all()
        cr = self.env.cr
        # As it was in 19.0.1.0.0.
        cr.execute("ALTER TABLE res_company DROP COLUMN expat_kpi_property_set_id")
        cr.execute("DROP TABLE expat_kpi_property_set CASCADE")
        for column in OLD_COLUMNS:
            cr.execute(SQL("ALTER TABLE res_company ADD COLUMN %s JSONB", SQL.identifier(column)))
        definition = '[{"name": "aa11", "type": "char", "string": "Programme"}]'
        cr.execute(
            "UPDATE res_company SET expat_kpi_plan_properties = %s WHERE id = %s",
            [definition, company.id],
        )

        migrate(cr, "19.0.1.0.0")
        migrate(cr, "19.0.1.0.0")  # interrupted and begun again

        self.env.invalidate_all()
        made = self.env["expat.kpi.property.set"].search([("company_id", "=", company.id)])
        self.assertEqual(company.expat_kpi_property_set_id, made)
        self.assertEqual(
            [(field["name"], field["string"]) for field in made.plan_properties],
            [("aa11", "Programme")],
        )
        self.assertFalse(made.posting_properties)
        self.assertEqual(
            self.env["expat.kpi.property.set"].search_count([]),
            self.env["res.company"].with_context(active_test=False).search_count([]),
        )

    def test_facts_of_what_was_deleted_go(self):
        migrate = load_script(str(FACTS), "expat_kpi_post_migrate").migrate
        source = self.env.ref("expat_kpi.source_manual_entry")
        measure = self.env["expat.kpi.measure"].create(
            {"name": "Kept", "code": "kept_by_migration", "source_id": source.id}
        )
        employee = self.env["hr.employee"].create({"name": "Kept"})
        self.env.flush_all()
        cr = self.env.cr
        gone = 2**31 - 1
        cr.executemany(
            """INSERT INTO expat_kpi_fact (version_id, employee_id, company_id, day, amount, count)
               VALUES (%s, %s, %s, '2026-05-01', 1, 1)""",
            [
                (version, person, employee.company_id.id)
                for version in (measure.version_id.id, gone)
                for person in (employee.id, gone)
            ],
        )
        before = self.env["expat.kpi.fact"].search_count([])

        migrate(cr, "19.0.1.1.0")
        migrate(cr, "19.0.1.1.0")

        self.assertEqual(self.env["expat.kpi.fact"].search_count([]), before - 3)
        fact = self.env["expat.kpi.fact"].search([("version_id", "=", measure.version_id.id)])
        self.assertEqual(fact.employee_id, employee)
