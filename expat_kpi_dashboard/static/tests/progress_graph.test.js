import { describe, expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {
    getChart,
    getYAxisLabel,
    setupChartJsForTests,
} from "@web/../tests/views/graph/graph_test_helpers";

class Employee extends models.Model {
    _name = "hr.employee";

    name = fields.Char();

    _records = [
        { id: 1, name: "Lan" },
        { id: 2, name: "Wei" },
    ];
}

class Indicator extends models.Model {
    _name = "expat.kpi.indicator";

    name = fields.Char();

    _records = [
        { id: 1, name: "Conversion" },
        { id: 2, name: "Visits" },
    ];
}

const lan = { employee_id: 1, actual_status: "ok" };
const wei = { employee_id: 2, actual_status: "no_data", actual: 0, attainment: 0 };
const LINES = [
    { id: 1, ...lan, indicator_id: 1, actual: 28, target: 25, attainment: 112 },
    { id: 2, ...wei, indicator_id: 1, target: 40 },
];
const BAND = {
    id: 3,
    ...lan,
    indicator_id: 2,
    actual: 5,
    target: 8,
    target_max: 10,
    attainment: 0,
};

class PlanLine extends models.Model {
    _name = "expat.kpi.plan.line";

    employee_id = fields.Many2one({ relation: "hr.employee" });
    indicator_id = fields.Many2one({ relation: "expat.kpi.indicator" });
    actual = fields.Float({ string: "Actual", aggregator: "avg" });
    target = fields.Float({ string: "Target", aggregator: "avg" });
    target_max = fields.Float({ string: "Upper Target", aggregator: "avg" });
    attainment = fields.Float({ string: "Attainment", aggregator: "avg" });
    actual_status = fields.Char();

    _records = [...LINES];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Employee, Indicator, PlanLine]);
setupChartJsForTests();

/** PostgreSQL's average of nothing is nothing; the mock server knows no empty number. */
onRpc("formatted_read_group", async ({ parent }) => {
    const groups = await parent();
    for (const group of groups) {
        const status = group["actual_status:array_agg_distinct"];
        if (status ? !status.includes("ok") : group.employee_id?.[1] === "Wei") {
            for (const aggregate of ["actual:avg", "attainment:avg"]) {
                if (aggregate in group) {
                    group[aggregate] = false;
                }
            }
        }
    }
    return groups;
});

const mountGraph = (groupBy = "<field name='employee_id'/><field name='indicator_id'/>") =>
    mountView({
        type: "graph",
        resModel: "expat.kpi.plan.line",
        arch: `<graph js_class="expat_kpi_progress_graph" stacked="0">
                ${groupBy}<field name="actual" type="measure"/></graph>`,
    });

const bars = (chart) =>
    chart.data.datasets.map(({ label, data, targets }) => ({ label, data, targets }));

test("every bar has the target of its own line, and nothing is drawn as nothing", async () => {
    const view = await mountGraph();
    expect(getYAxisLabel(view)).toBe("Actual");
    expect(bars(getChart(view))).toEqual([
        { label: "Conversion", data: [28, null], targets: [[25], [40]] },
    ]);
});

test("the highest target is in sight", async () => {
    const view = await mountGraph();
    expect(getChart(view).scales.y.max).toBeGreaterThan(40);
});

test("several indicators are compared by their attainment", async () => {
    PlanLine._records = [...LINES, BAND];
    const view = await mountGraph();
    expect(getYAxisLabel(view)).toBe("Attainment");
    expect(bars(getChart(view))).toEqual([
        { label: "Conversion", data: [112, null], targets: [[100], [100]] },
        { label: "Visits", data: [0, null], targets: [[100], []] },
    ]);
});

test("a chosen measure stays, and a band has two ticks", async () => {
    PlanLine._records = [...LINES, BAND];
    const view = await mountGraph();
    await contains(".o_graph_renderer .dropdown-toggle:contains(Measures)").click();
    await contains(".o-dropdown--menu .dropdown-item:contains(Actual)").click();
    expect(getYAxisLabel(view)).toBe("Actual");
    expect(bars(getChart(view))[1]).toEqual({
        label: "Visits",
        data: [5, null],
        targets: [[8, 10], []],
    });
});

test("indicators are not averaged into each other", async () => {
    PlanLine._records = [...LINES, BAND];
    const view = await mountGraph("<field name='employee_id'/>");
    expect(bars(getChart(view)).map(({ label }) => label)).toEqual(["Conversion", "Visits"]);
});

test("the legend names the target", async () => {
    const view = await mountGraph();
    const texts = getChart(view).legend.legendItems.map(({ text }) => text);
    expect(texts).toEqual(["Conversion", "Target"]);
});

test("rates are neither stacked nor slices of a pie", async () => {
    await mountGraph();
    expect("[data-mode=bar]").toHaveCount(1);
    expect("[data-mode=pie]").toHaveCount(0);
    expect("[data-tooltip=Stacked]").toHaveCount(0);
});
