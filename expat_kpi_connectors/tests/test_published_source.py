import itertools
import random
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ExpatCase

CANARY = 48151.62
OTHER_CANARY = 23420.42

# Unpublished fields of opportunities, or reached from them, that HR may try.
HIDDEN_PATHS = (
    "id",
    "name",
    "email_from",
    "phone",
    "description",
    "create_uid",
    "write_uid",
    "user_id.login",
    "user_id.password",
    "user_id.partner_id",
    "user_id.partner_id.email",
    "user_id.employee_id.wage",
    "user_id.employee_ids",
    "user_id.employee_ids.wage",
    "user_id.employee_ids.version_id.wage",
    "user_id.employee_ids.version_ids.wage",
    "user_id.employee_ids.current_version_id.wage",
    "user_id.employee_ids.ssnid",
    "user_id.api_key_ids",
    "team_id.user_id.employee_ids.version_ids.wage",
    "company_id.partner_id.email",
    "partner_id.email",
    "partner_id.employee_ids.version_ids.wage",
    "partner_id.bank_ids.acc_number",
    "message_ids",
    "message_ids.body",
    "activity_ids",
    "display_name",
    "access_token",
    "no_such_field",
)
OPERATORS = (
    ("=", CANARY),
    ("!=", CANARY),
    (">", CANARY - 1),
    ("<=", CANARY),
    ("in", [CANARY]),
    ("not in", [CANARY]),
    ("ilike", str(CANARY)),
    ("=like", "4%"),
    ("=?", CANARY),
    ("!=", False),
)


@tagged("post_install", "-at_install")
class TestPublishedSource(ExpatCase):
    """HR counts what is published and nothing else, by whatever route.

    A wage that exists once stands for all that is not published. HR has neither
    payroll nor CRM rights.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._leads([(cls.lan, datetime(2026, 5, day, 5), day % 3 > 0, {}) for day in range(1, 25)])
        cls.base = cls._measure("canary_base", domain="[('won_status', '=', 'won')]")
        cls.fresh = cls._measure("canary_fresh")
        cls._set_wage(CANARY)

    @classmethod
    def _set_wage(cls, wage):
        cls.lan.version_id.wage = wage
        cls.env.flush_all()

    def _tried(self, **values):
        """What HR sees of a measure that is being entered."""
        measure = (
            self.env["expat.kpi.measure"]
            .with_user(self.wang)
            .new(
                {
                    "name": "Try",
                    "code": "canary_try",
                    "company_id": self.company_a.id,
                    "source_id": self.lead_source.id,
                    "owner_field_id": self._field(self.lead_source, "user_id").id,
                    "date_field_id": self._field(self.lead_source, "date_closed").id,
                    "try_employee_id": self.lan.id,
                    "try_month": date(2026, 5, 1),
                    **values,
                }
            )
        )
        return measure.preview

    def _assert_refused(self, **values):
        """Neither saved nor tried, and not changed into."""
        tried = self._tried(**values)
        self.assertEqual(set(tried), {"problem"}, values)
        with self.assertRaises(ValidationError, msg=values), self.env.cr.savepoint():
            self.fresh.with_user(self.wang).write(values)
        return tried["problem"]

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def _leaf_forms(self, path, operator, value):
        """One idea in the ways in which a domain can say it."""
        leaf = (path, operator, value)
        yield [leaf]
        yield ["!", leaf]
        yield ["|", ("won_status", "=", "won"), leaf]
        if "." in path:
            first, rest = path.split(".", 1)
            yield [(first, "any", [(rest, operator, value)])]
            yield [(first, "not any", [(rest, operator, value)])]

    def test_no_hidden_field_in_a_condition(self):
        """Hundreds of definitions; not one is accepted, whatever the wage."""
        domains = [
            repr(form)
            for path in HIDDEN_PATHS
            for operator, value in OPERATORS
            for form in self._leaf_forms(path, operator, value)
        ]
        self.assertGreater(len(domains), 1000)
        problems = {domain: self._tried(domain=domain) for domain in domains}
        for domain, preview in problems.items():
            self.assertEqual(set(preview), {"problem"}, domain)
        # Saving is the dearer way to the same check: a sample goes it.
        for domain in random.Random(7).sample(domains, 200):
            self._assert_refused(domain=domain)
        self._set_wage(OTHER_CANARY)
        for domain in random.Random(8).sample(domains, 200):
            self.assertEqual(self._tried(domain=domain), problems[domain], domain)

    def test_relation_cannot_be_searched_by_text(self):
        """A text compared with a relation would search the other model's fields."""
        for path, operator in itertools.product(
            ("user_id", "partner_id", "team_id", "stage_id", "tag_ids"),
            ("=", "!=", "in", "ilike", "not ilike", "like", "=like", "=ilike", "child_of"),
        ):
            value = ["canary"] if operator == "in" else "canary"
            self._assert_refused(domain=repr([(path, operator, value)]))

    def test_existence_of_hidden_records_is_hidden_too(self):
        for domain in (
            [("message_ids", "any", [])],
            [("activity_ids", "any", [(1, "=", 1)])],
            [("user_id", "any", [("employee_ids", "any", [])])],
            [("user_id.employee_ids", "any", [])],
            [("user_id.employee_ids", "not any", [])],
            [("message_ids", "not any", [(0, "=", 1)])],
        ):
            self._assert_refused(domain=repr(domain))

    def test_rules_cannot_be_bypassed_by_operator(self):
        for operator in ("any!", "not any!"):
            self._assert_refused(domain=repr([("stage_id", operator, [("id", "!=", 0)])]))

    def test_what_is_no_literal_is_refused(self):
        for domain in (
            "[('user_id', '=', uid)]",
            "[('date_closed', '>', context_today())]",
            "[('user_id', '=', __import__('os').getpid())]",
            "[(''.__class__, '=', 1)]",
            "user_id",
            "[['&']]",
            "['|', ('type', '=', 'lead')]",
            "[('type', '=', 'lead'), '&']",
            "{'type': 'lead'}",
            "[('type', '=')]",
            "[" * 4000,
            "[('date_closed', '>', 'today -30d')]",
        ):
            self._assert_refused(domain=domain)

    # ------------------------------------------------------------------
    # Paths
    # ------------------------------------------------------------------

    def test_a_field_serves_only_the_use_it_is_published_for(self):
        """Every field in every place: it works exactly where it is published."""
        source = self.lead_source
        places = {
            "owner_field_id": ("use_owner", {}),
            "date_field_id": ("use_date", {}),
            "amount_field_id": ("use_amount", {"aggregate": "sum"}),
            "key_field_id": ("use_key", {"aggregate": "distinct"}),
        }
        for name, (use, values) in places.items():
            for field in source.field_ids:
                preview = self._tried(**{**values, name: field.id})
                self.assertEqual(not preview["problem"], field[use], (name, field.path))

    def test_fields_of_another_source_are_refused(self):
        foreign = self._field(self.event_source, "duration")
        self._publish(self.event_source, create_date="date", duration="amount")
        self._assert_refused(aggregate="sum", amount_field_id=foreign.id)
        self._assert_refused(owner_field_id=self._field(self.event_source, "partner_ids").id)
        self._assert_refused(date_field_id=self._field(self.event_source, "start").id)

    def test_what_was_published_can_be_withdrawn(self):
        field = self._field(self.lead_source, "priority")
        domain = "[('priority', '=', '2')]"
        self.assertFalse(self._tried(domain=domain)["problem"])
        self.base.domain = domain
        field.use_condition = False
        self._assert_refused(domain=domain)
        self.base._refresh(date(2026, 5, 1), date(2026, 5, 31))
        self.assertIn("not published", self.base.error)

    # ------------------------------------------------------------------
    # Publishing
    # ------------------------------------------------------------------

    def test_hr_publishes_nothing(self):
        sources = self.env["expat.kpi.source"].with_user(self.wang)
        with self.assertRaises(AccessError):
            sources.create({"name": "Wages", "model": "hr.version"})
        with self.assertRaises(AccessError):
            self.lead_source.with_user(self.wang).model = "hr.version"
        with self.assertRaises(AccessError):
            sources.env["expat.kpi.source.field"].create(
                {"source_id": self.lead_source.id, "path": "email_from"}
            )
        with self.assertRaises(AccessError):
            self.lead_source.field_ids[:1].with_user(self.wang).use_amount = True

    def test_nobody_publishes_wages_passwords_and_messages(self):
        admin = self._create_user("admin", "expat_kpi.group_administrator")
        sources = self.env["expat.kpi.source"].with_user(admin)
        for model in (
            "hr.version",
            "res.users",
            "res.users.apikeys",
            "mail.message",
            "mail.tracking.value",
            "ir.config_parameter",
            "ir.attachment",
            "ir.model.fields",
            "bus.bus",
        ):
            with self.assertRaises(ValidationError, msg=model), self.env.cr.savepoint():
                sources.create({"name": model, "model": model})
        for path in (
            "user_id.password",
            "user_id.employee_ids.version_ids.wage",
            "user_id.login",
            "message_ids.body",
            "partner_id.employee_ids.version_id.wage",
            "partner_id.user_ids.password",
            "access_token",
            "no_such_field",
        ):
            with self.assertRaises(ValidationError, msg=path), self.env.cr.savepoint():
                self.lead_source.with_user(admin).write(
                    {"field_ids": [(0, 0, {"path": path, "use_condition": True})]}
                )

    def test_ready_sources_publish_nothing_secret(self):
        """What is shipped obeys the same rules, and nobody reads the statements themselves."""
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "expat_kpi_connectors"), ("model", "=", "expat.kpi.source")]
        )
        sources = self.env["expat.kpi.source"].browse(shipped.mapped("res_id"))
        self.assertGreater(len(sources), 6)
        texts = {
            (source.model, field.path)
            for source in sources
            for field in source.field_ids
            if field.ttype in ("char", "text", "html", "binary")
        }
        self.assertFalse(texts, "Names, notes and messages can be searched letter by letter.")
        for source in sources:
            self.assertTrue(source.note, source.model)
            source._check_model()
            source.field_ids._check_paths()
            source.field_ids._check_use()
        views = [self.env[source.model] for source in sources if not self.env[source.model]._auto]
        self.assertGreater(len(views), 3)
        admin = self._create_user("admin", "expat_kpi.group_administrator,base.group_system")
        for view, user in itertools.product(views, (self.lan.user_id, self.wang, admin)):
            with self.assertRaises(AccessError, msg=view._name):
                view.with_user(user).search([])

    def test_statements_are_published_only_as_sources(self):
        """Reports of applications are statements too, and over anything."""
        report = next(
            name for name in ("crm.activity.report", "report.project.task.user") if name in self.env
        )
        with self.assertRaises(ValidationError):
            self.env["expat.kpi.source"].create({"name": "Report", "model": report})

    # ------------------------------------------------------------------
    # Other routes
    # ------------------------------------------------------------------

    def test_formulas_know_codes_only(self):
        indicators = self.env["expat.kpi.indicator"].with_user(self.wang)
        for formula in (
            "wage",
            "hr_version",
            "canary_base.wage",
            "employee.wage + canary_base",
            "canary_base['wage']",
            "sum(wage)",
            "__import__('os')",
            "canary_base.__class__",
            "lambda: 1",
            "env",
        ):
            with self.assertRaises(ValidationError, msg=formula), self.env.cr.savepoint():
                indicators.create({"name": "x", "code": "canary_formula", "formula": formula})

    def test_order_and_groups_reach_no_wage(self):
        self.base._refresh(date(2026, 5, 1), date(2026, 5, 31))
        models = ("expat.kpi.fact", "expat.kpi.plan", "expat.posting", "expat.kpi.plan.line")
        for model in models:
            records = self.env[model].with_user(self.wang)
            for path in ("employee_id.wage", "employee_id.version_ids.wage"):
                for route in (
                    lambda records, path: records.search([(path, ">", 1)]),
                    lambda records, path: records.search([], order=f"{path} desc"),
                    lambda records, path: records._read_group([], [path], ["__count"]),
                    lambda records, path: records._read_group([], [], [f"{path}:sum"]),
                    lambda records, path: records.formatted_read_group([], [path], ["__count"]),
                ):
                    try:
                        route(records, path)
                    except (UserError, ValueError):
                        continue
                    self.fail(f"{model}: {path} can be reached")

    def test_onchange_tells_nothing_of_foreign_records(self):
        other = self.env["res.company"].create({"name": "Company B"})
        stranger = self.env["hr.employee"].create(
            {"name": "Canary Stranger", "company_id": other.id}
        )
        measure = self.base.with_user(self.wang)
        spec = {
            "preview": {},
            "in_words": {},
            "condition_paths": {},
            "index_hint": {},
            "try_employee_id": {"fields": {"display_name": {}}},
        }
        self.env.invalidate_all()
        with mute_logger("odoo.addons.base.models.ir_rule"):
            try:
                result = measure.onchange(
                    {"try_employee_id": stranger.id, "try_month": "2026-05-01"},
                    ["try_employee_id"],
                    {"preview": {}},
                )
            except (AccessError, UserError) as error:
                result = str(error)
        self.assertNotIn("Canary", str(result))
        result = measure.onchange(
            {"domain": f"[('user_id.employee_ids.version_ids.wage', '=', {CANARY})]"},
            ["domain"],
            spec,
        )
        self.assertEqual(set(result["value"]["preview"]), {"problem"})
        self.assertFalse(result["value"].get("in_words"))

    def test_preview_of_accepted_definitions_does_not_depend_on_the_wage(self):
        chance = random.Random(3)
        source = self.lead_source
        leaves = [
            ("won_status", "=", "won"),
            ("won_status", "in", ["won", "lost"]),
            ("type", "=", "opportunity"),
            ("priority", "!=", "0"),
            ("stage_id", "!=", False),
            ("user_id", "in", self.lan.user_id.ids),
            ("expected_revenue", ">=", 0),
            ("date_closed", ">=", "2026-05-03"),
            ("tag_ids", "=", False),
        ]
        shapes = [
            {},
            {"aggregate": "sum", "amount_field_id": self._field(source, "expected_revenue").id},
            {"aggregate": "distinct", "key_field_id": self._field(source, "partner_id").id},
            {"include_archived": True},
            {"owner_moment": "event"},
        ]
        tried = []
        for _number in range(40):
            domain = repr(chance.sample(leaves, chance.randrange(4)))
            tried.append({**chance.choice(shapes), "domain": domain})
        before = [self._tried(**values) for values in tried]
        self._set_wage(OTHER_CANARY)
        after = [self._tried(**values) for values in tried]
        self.assertEqual(before, after)
        for preview in before:
            self.assertFalse(preview["problem"])
            self.assertFalse(preview["counted"]["records"])

    def test_only_officers_make_or_try_measures(self):
        for user in (self.lan.user_id, self.chen.user_id):
            measures = self.env["expat.kpi.measure"].with_user(user)
            with self.assertRaises(AccessError):
                measures.create({"name": "x", "code": "x1", "source_id": self.lead_source.id})
            with self.assertRaises(AccessError):
                self.base.with_user(user).domain = "[]"
            with self.assertRaises(AccessError):
                self.base.with_user(user).read(["preview"])
            with self.assertRaises(AccessError):
                measures.new({"source_id": self.lead_source.id}).preview  # noqa: B018
            with self.assertRaises(AccessError):
                self.base.with_user(user).action_create_index()
