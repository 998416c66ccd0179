import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { progressScale, progressState } from "@expat_kpi/progress_field/progress_scale";

class PlanLine extends models.Model {
    _name = "expat.kpi.plan.line";

    attainment = fields.Float();
    actual = fields.Float();
    target = fields.Float();
    target_max = fields.Float();
    direction = fields.Selection({
        selection: [
            ["more", "More is better"],
            ["less", "Less is better"],
            ["band", "Within a band"],
        ],
    });
    actual_status = fields.Selection({
        selection: [
            ["ok", "Computed"],
            ["no_data", "No data"],
            ["error", "Cannot be computed"],
        ],
    });
    actual_text = fields.Char();
    target_text = fields.Char();

    _records = [];
}

defineMailModels();
defineModels([PlanLine]);

/** One card with the widget alone. */
async function mountProgress(values) {
    PlanLine._records = [
        {
            id: 1,
            direction: "more",
            actual_status: "ok",
            target: 25,
            target_text: "25 %",
            ...values,
        },
    ];
    await mountView({
        type: "kanban",
        resModel: "expat.kpi.plan.line",
        arch: `<kanban><templates><t t-name="card">
                <field name="attainment" widget="expat_kpi_progress"/>
            </t></templates></kanban>`,
    });
}

const WIDGET = ".o_expat_kpi_progress";
const BAR = ".o_expat_kpi_progress_bar";
const MARK = ".o_expat_kpi_progress_mark";
const ZONE = ".o_expat_kpi_progress_zone";
const percent = (element, property) => parseFloat(element.style.getPropertyValue(property));
const markPlaces = () => queryAll(MARK).map((mark) => percent(mark, "inset-inline-start"));

describe("above the target", () => {
    test("the bar runs past the tick and ends in sight", async () => {
        await mountProgress({ actual: 28, actual_text: "28.0 %", attainment: 112 });
        const bar = percent(queryOne(BAR), "width");
        expect(markPlaces()).toEqual([80]);
        expect(bar).toBeGreaterThan(80);
        expect(bar).toBeLessThan(100);
    });

    test("far above, the tick moves and the bar is not cut", async () => {
        await mountProgress({ actual: 100, actual_text: "100.0 %", attainment: 400 });
        const bar = percent(queryOne(BAR), "width");
        expect(bar).toBeCloseTo(96, { margin: 0.01 });
        expect(markPlaces()[0]).toBeCloseTo(bar / 4, { margin: 0.01 });
    });

    test("numbers, icon and word", async () => {
        await mountProgress({ actual: 28, actual_text: "28.0 %", attainment: 112 });
        expect(`${WIDGET}_numbers`).toHaveText("28.0 % of 25 %");
        expect(`${WIDGET}_state`).toHaveText("Target reached");
        expect(`${WIDGET}_state .fa-check-circle.text-success`).toHaveCount(1);
        expect(WIDGET).toHaveAttribute("role", "img");
        expect(WIDGET).toHaveAttribute("aria-label", "28.0 % of 25 %: Target reached");
    });
});

describe("below the target", () => {
    test("near", async () => {
        await mountProgress({ actual: 23.5, actual_text: "23.5 %", attainment: 94 });
        expect(WIDGET).toHaveAttribute("data-state", "near");
        expect(`${WIDGET}_state`).toHaveText("Just below target");
        expect(percent(queryOne(BAR), "width")).toBeLessThan(80);
    });

    test("far", async () => {
        await mountProgress({ actual: 14.3, actual_text: "14.3 %", attainment: 57.1 });
        expect(WIDGET).toHaveAttribute("data-state", "missed");
        expect(`${WIDGET}_state`).toHaveText("Below target");
        expect(percent(queryOne(BAR), "width")).toBeCloseTo(45.76, { margin: 0.01 });
    });

    test("zero is a number: it has a bar", async () => {
        await mountProgress({ actual: 0, actual_text: "0.0 %", attainment: 0 });
        expect(`${WIDGET}_numbers`).toHaveText("0.0 % of 25 %");
        expect(queryOne(BAR).getBoundingClientRect().width).toBeGreaterThan(0);
    });
});

test("no data: hatched, no bar, the word and the target", async () => {
    await mountProgress({ actual_status: "no_data", actual_text: "No data", attainment: 0 });
    expect(BAR).toHaveCount(0);
    expect(`${WIDGET}_state`).toHaveText("No data");
    expect(`${WIDGET}_numbers`).toHaveText("Target: 25 %");
    expect(markPlaces()).toEqual([80]);
    const track = getComputedStyle(queryOne(`${WIDGET}_track`));
    expect(track.backgroundImage).toInclude("repeating-linear-gradient");
});

test("cannot be computed: said, and told from no data", async () => {
    await mountProgress({ actual_status: "error", actual_text: "Cannot be computed" });
    expect(BAR).toHaveCount(0);
    expect(`${WIDGET}_state`).toHaveText("Cannot be computed");
    expect(`${WIDGET}_state .fa-exclamation-triangle`).toHaveCount(1);
    expect(WIDGET).toHaveAttribute("aria-label", "Target: 25 %: Cannot be computed");
});

describe("less is better", () => {
    const days = { direction: "less", target: 45, target_text: "45 days" };

    test("within the limit, the bar ends before the tick", async () => {
        await mountProgress({ ...days, actual: 40, actual_text: "40 days", attainment: 111 });
        expect(`${WIDGET}_numbers`).toHaveText("40 days of at most 45 days");
        expect(`${WIDGET}_state`).toHaveText("Within the limit");
        expect(percent(queryOne(BAR), "width")).toBeLessThan(markPlaces()[0]);
        expect(percent(queryOne(ZONE), "width")).toBe(80);
    });

    test("over the limit, the bar runs past the tick", async () => {
        await mountProgress({ ...days, actual: 54, actual_text: "54 days", attainment: 80 });
        expect(`${WIDGET}_state`).toHaveText("Over the limit");
        expect(percent(queryOne(BAR), "width")).toBeGreaterThan(markPlaces()[0]);
    });
});

test("no data for a limit: the hatching is not painted over", async () => {
    await mountProgress({ actual_status: "no_data", direction: "less" });
    expect(ZONE).toHaveCount(0);
    expect(MARK).toHaveCount(1);
});

test("a band has two ticks and its zone between them", async () => {
    await mountProgress({
        direction: "band",
        target: 8,
        target_max: 10,
        target_text: "8 to 10",
        actual: 9,
        actual_text: "9",
        attainment: 100,
    });
    expect(`${WIDGET}_numbers`).toHaveText("9, to be 8 to 10");
    expect(`${WIDGET}_state`).toHaveText("Within the band");
    const [lower, upper] = markPlaces();
    expect([lower, upper]).toEqual([64, 80]);
    expect(percent(queryOne(ZONE), "inset-inline-start")).toBe(lower);
    const bar = percent(queryOne(BAR), "width");
    expect(bar).toBeGreaterThan(lower);
    expect(bar).toBeLessThan(upper);
});

test("the options name other fields", async () => {
    PlanLine._fields.wanted = fields.Float();
    PlanLine._fields.wanted_text = fields.Char();
    PlanLine._records = [
        {
            id: 1,
            direction: "more",
            actual_status: "ok",
            actual: 5,
            actual_text: "5",
            wanted: 10,
            wanted_text: "10",
            attainment: 50,
        },
    ];
    await mountView({
        type: "list",
        resModel: "expat.kpi.plan.line",
        arch: `<list><field name="attainment" widget="expat_kpi_progress"
                options="{'target_field': 'wanted', 'target_text_field': 'wanted_text'}"/></list>`,
    });
    expect(queryAllTexts(`${WIDGET}_numbers`)).toEqual(["5 of 10"]);
    expect(percent(queryOne(BAR), "width")).toBe(40);
});

test("the scale of odd numbers", () => {
    const scale = (actual, target) => progressScale({ direction: "more", actual, target });
    expect(scale(-5, 10).bar).toBe(0);
    expect(scale(null, 10).bar).toBe(null);
    expect(scale(0, 0)).toEqual({ bar: 0, marks: [{ kind: "target", at: 0 }], zone: null });
});

test("the state follows the status before the attainment", () => {
    expect(progressState({ status: "no_data", attainment: 0 })).toBe("no_data");
    expect(progressState({ status: false, attainment: 0 })).toBe("no_data");
    expect(progressState({ status: "error", attainment: 120 })).toBe("error");
    expect(progressState({ status: "ok", attainment: 99.99 })).toBe("near");
    expect(progressState({ status: "ok", attainment: 100 })).toBe("reached");
});
