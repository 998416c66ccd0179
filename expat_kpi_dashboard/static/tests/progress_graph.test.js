import { describe, expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
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

class PlanLine extends models.Model {
    _name = "expat.kpi.plan.line";

    employee_id = fields.Many2one({ relation: "hr.employee" });
    indicator_id = fields.Many2one({ relation: "expat.kpi.indicator" });
    actual = fields.Float({ string: "Actual", aggregator: "avg" });
    target = fields.Float({ string: "Target", aggregator: "avg" });
    attainment = fields.Float({ string: "Attainment", aggregator: "avg" });

    _records = [
        { id: 1, employee_id: 1, indicator_id: 1, actual: 28, target: 25, attainment: 112 },
        { id: 2, employee_id: 1, indicator_id: 2, actual: 5, target: 12, attainment: 41.7 },
        { id: 3, employee_id: 2, indicator_id: 1, actual: 0, target: 40, attainment: 0 },
    ];
}

describe.current.tags("desktop");
defineMailModels();
defineModels([Employee, Indicator, PlanLine]);
setupChartJsForTests();

/** Line 3 has no actual: PostgreSQL's average of nothing, which the mock takes for 0. */
function withoutActual() {
    onRpc("formatted_read_group", async ({ parent }) => {
        const groups = await parent();
        for (const group of groups) {
            if ("actual:avg" in group && group["target:avg"] === 40) {
                group["actual:avg"] = false;
            }
            if ("actual:avg" in group && group.employee_id?.[1] === "Wei") {
                group["actual:avg"] = false;
            }
        }
        return groups;
    });
}

const mountGraph = (groupBy = "<field name='employee_id'/><field name='indicator_id'/>") =>
    mountView({
        type: "graph",
        resModel: "expat.kpi.plan.line",
        arch: `<graph js_class="expat_kpi_progress_graph" stacked="0">
                ${groupBy}<field name="actual" type="measure"/></graph>`,
    });

const bars = (chart) => chart.data.datasets.map(({ label, data, targets }) => ({ label, data, targets }));

test("every bar has the target of its own line", async () => {
    withoutActual();
    const view = await mountGraph();
    expect(getYAxisLabel(view)).toBe("Actual");
    expect(bars(getChart(view))).toEqual([
        { label: "Conversion", data: [28, null], targets: [25, 40] },
        { label: "Visits", data: [5, null], targets: [12, null] },
    ]);
});

test("the highest target is in sight", async () => {
    withoutActual();
    const view = await mountGraph();
    expect(getChart(view).scales.y.max).toBeGreaterThan(40);
});

test("indicators are not averaged into each other", async () => {
    withoutActual();
    const view = await mountGraph("<field name='employee_id'/>");
    expect(bars(getChart(view)).map(({ label }) => label)).toEqual(["Conversion", "Visits"]);
});

test("the legend names the target", async () => {
    withoutActual();
    const view = await mountGraph();
    const texts = getChart(view).legend.legendItems.map(({ text }) => text);
    expect(texts).toEqual(["Conversion", "Visits", "Target"]);
});

test("rates are neither stacked nor slices of a pie", async () => {
    withoutActual();
    await mountGraph();
    expect("[data-mode=bar]").toHaveCount(1);
    expect("[data-mode=pie]").toHaveCount(0);
    expect("[data-tooltip=Stacked]").toHaveCount(0);
});
