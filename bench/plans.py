"""Creating the plans of a cycle, against the ORM's plain create of the same rows."""

from figures import Clock, Figure, environment, machine

PLANS = 1000
LINES = 6
FEW = 100


def ensure(env):
    """Posted people below one manager, and a template of six lines; rolled back at the end."""
    company = env.company
    manager = env["hr.employee"].create({"name": "Bench", "company_id": company.id})
    people = env["hr.employee"].create(
        [
            {"name": f"Bench {number}", "company_id": company.id, "parent_id": manager.id}
            for number in range(PLANS)
        ]
    )
    env["expat.posting"].create(
        [
            {
                "employee_id": person.id,
                "country_id": env.ref("base.vn").id,
                "tz": "Asia/Ho_Chi_Minh",
                "date_from": "2015-01-01",
            }
            for person in people
        ]
    )
    indicators = env["expat.kpi.indicator"].create(
        [
            {"name": f"Bench {number}", "code": f"bench_plan_{number}", "formula": "12"}
            for number in range(LINES)
        ]
    )
    weights = [20.0, 20.0, 15.0, 15.0, 15.0, 15.0]
    template = env["expat.kpi.template"].create(
        {
            "name": "Bench",
            "line_ids": [
                (0, 0, {"indicator_id": indicator.id, "target": 5, "weight": weight})
                for indicator, weight in zip(indicators, weights, strict=True)
            ],
        }
    )
    env.flush_all()  # before the savepoints: what is rolled back is the plans alone
    return people, template


def plans(database, rounds):
    """Yield the machine, then the figures."""
    with environment(database) as env:
        yield machine(env.cr)
        yield from _plans(env, rounds)


def _plans(env, rounds):
    """1,000 plans with 6 lines each in one click; and what one more plan costs in statements."""
    clock = Clock()
    people, template = ensure(env)
    statements = {}
    for number in range(rounds + 1):
        if number == 1:
            clock.times.clear()
        rows = []
        for count in (FEW, len(people)):
            env.cr.execute("SAVEPOINT bench_plans")
            cycle = _cycle(env, template, people[:count])
            _rest(env)
            before = env.cr.sql_log_count
            with clock(f"cycle {count}"):
                made = cycle._create_plans()
                env.flush_all()
            statements[count] = env.cr.sql_log_count - before
            if len(cycle.plan_ids) != count:
                told = sorted({row.reason for row in made if row.reason})
                raise SystemExit(f"{len(cycle.plan_ids)} plans of {count}: {told}")
            rows = cycle.plan_ids.read(
                ["employee_id", "template_id", "date_from", "date_to"], load=""
            )
            lines = cycle.plan_ids.line_ids.read(
                ["plan_id", "indicator_id", "target", "weight", "sequence"], load=""
            )
            _undo(env)
        env.cr.execute("SAVEPOINT bench_plans")
        cycle = _cycle(env, template, people)
        values = _same(cycle, rows, lines)
        _rest(env)
        with clock("create"):
            env["expat.kpi.plan"].create(values)
            env.flush_all()
        _undo(env)
    yield clock.ratio("plans_vs_orm_create", f"cycle {len(people)}", "create", 2)
    few, many = statements[FEW], statements[len(people)]
    yield Figure(
        "statements_per_plan",
        (many - few) / (len(people) - FEW),
        0.2,
        value=f"{few} for {FEW} : {many} for {len(people)}",
    )


def _cycle(env, template, people):
    return env["expat.kpi.cycle"].create(
        {
            "name": "Bench",
            "kind": "quarter",
            "date_from": "2030-01-01",
            "company_id": people[0].company_id.id,
            "template_id": template.id,
            "employee_domain": f"[('id', 'in', {people.ids})]",
        }
    )


def _same(cycle, rows, lines):
    by_plan = {}
    for line in lines:
        line.pop("id")
        by_plan.setdefault(line.pop("plan_id"), []).append((0, 0, line))
    return [{**row, "cycle_id": cycle.id, "line_ids": by_plan[row.pop("id")]} for row in rows]


def _rest(env):
    env.flush_all()
    env.invalidate_all()


def _undo(env):
    env.flush_all()
    env.cr.execute("ROLLBACK TO SAVEPOINT bench_plans")
    env.invalidate_all()
