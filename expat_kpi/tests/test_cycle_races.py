from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import SQL, mute_logger

from .test_plan_races import REPEATS, TestPlanRaces

PEOPLE = 6


@tagged("post_install", "-at_install")
class TestCycleRaces(BaseCase):
    """Two who create the plans of one cycle at once make nothing twice."""

    _env = classmethod(TestPlanRaces._env.__func__)
    _race = TestPlanRaces._race

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            company = env.ref("base.main_company")
            cls.users = {
                name: env["res.users"]
                .create(
                    {
                        "name": f"Cycle race {name}",
                        "login": f"cycle_race_{name}",
                        "company_id": company.id,
                        "company_ids": [(6, 0, company.ids)],
                        "group_ids": [
                            (4, env.ref("base.group_user").id),
                            (4, env.ref("expat_kpi.group_officer").id),
                        ],
                    }
                )
                .id
                for name in ("wang", "zhou")
            }
            boss = env["hr.employee"].create({"name": "Cycle race boss", "company_id": company.id})
            employees = env["hr.employee"].create(
                [
                    {
                        "name": f"Cycle race {number}",
                        "company_id": company.id,
                        "parent_id": boss.id,
                    }
                    for number in range(PEOPLE)
                ]
            )
            env["expat.posting"].create(
                [
                    {
                        "employee_id": employee.id,
                        "country_id": env.ref("base.vn").id,
                        "tz": "Asia/Ho_Chi_Minh",
                        "date_from": "2020-01-01",
                    }
                    for employee in employees
                ]
            )
            indicator = env["expat.kpi.indicator"].create(
                {"name": "Cycle race", "code": "cycle_race", "formula": "12"}
            )
            template = env["expat.kpi.template"].create(
                {
                    "name": "Cycle race",
                    "company_id": company.id,
                    "line_ids": [
                        (0, 0, {"indicator_id": indicator.id, "target": 5, "weight": 100})
                    ],
                }
            )
            cycle = env["expat.kpi.cycle"].create(
                {
                    "name": "Cycle race",
                    "company_id": company.id,
                    "template_id": template.id,
                    "employee_domain": f"[('id', 'in', {employees.ids})]",
                    "date_from": "2031-07-01",
                    "date_to": "2031-09-30",
                }
            )
            cls.cycle_id = cycle.id

    @classmethod
    def _clean(cls):
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            env["expat.kpi.plan"].search([("cycle_id", "=", cls.cycle_id)]).unlink()
            env["expat.kpi.cycle.plans"].search([("cycle_id", "=", cls.cycle_id)]).unlink()
            env["expat.kpi.cycle"].browse(cls.cycle_id).unlink()
            env["expat.kpi.template"].search([("name", "=", "Cycle race")]).unlink()
            env["expat.kpi.indicator"].search([("code", "=", "cycle_race")]).unlink()
            employees = env["hr.employee"].search([("name", "=like", "Cycle race %")])
            employees.posting_ids.unlink()
            employees.unlink()
            users = env["res.users"].browse(cls.users.values())
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _create(self, limit=None):
        return lambda env: env["expat.kpi.cycle"].browse(self.cycle_id)._create_plans(limit=limit)

    def _look_and_clear(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            plans = env["expat.kpi.plan"].search([("cycle_id", "=", self.cycle_id)])
            employees = plans.mapped("employee_id.id")
            self.assertEqual(len(employees), len(set(employees)))
            count = len(plans)
            plans.unlink()
            return count

    def test_two_who_create_at_once_make_nothing_twice(self):
        for repeat in range(REPEATS):
            results = self._race(("wang", self._create()), ("zhou", self._create()))
            with self.subTest(repeat=repeat, results=results):
                self.assertIn("done", results)
                for told in results:
                    self.assertRegex(told, "done|creating the plans of this cycle right now")
                self.assertEqual(self._look_and_clear(), PEOPLE)

    def test_batches_of_two_people_fit_together(self):
        """Each makes some: those are kept, and the next one makes the others."""
        self._race(("wang", self._create(2)), ("zhou", self._create(2)))
        with self.registry.cursor() as cr:
            self._create(PEOPLE)(self._env(cr, self.users["wang"]))
        self.assertEqual(self._look_and_clear(), PEOPLE)

    def test_who_looked_before_the_other_created_is_stopped(self):
        with self.registry.cursor() as late:
            # The snapshot of the later one is older than the plans of the earlier one.
            late.execute(SQL("SELECT 1 FROM expat_kpi_cycle WHERE id = %s", self.cycle_id))
            with self.registry.cursor() as early:
                self._create()(self._env(early, self.users["wang"]))
            with mute_logger("odoo.sql_db"), self.assertRaises(PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
                self._create()(self._env(late, self.users["zhou"]))
            late.rollback()
            candidates = self._create()(self._env(late, self.users["zhou"]))
            self.assertEqual({row.reason for row in candidates}, {"has_plan"})
        self.assertEqual(self._look_and_clear(), PEOPLE)
