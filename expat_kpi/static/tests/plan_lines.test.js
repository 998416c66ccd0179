import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
defineMailModels();

class Plan extends models.Model {
    _name = "plan";
    line_ids = fields.One2many({ relation: "line", relation_field: "plan_id" });
    _records = [{ id: 1, line_ids: [1, 2, 3, 4] }];
}

class Line extends models.Model {
    _name = "line";
    plan_id = fields.Many2one({ relation: "plan" });
    sequence = fields.Integer();
    name = fields.Char();
    weight = fields.Float({ digits: [6, 2] });
    dimension = fields.Selection({
        selection: [
            ["behaviour", "Behaviour"],
            ["outcome", "Outcome"],
            ["efficiency", "Efficiency"],
        ],
    });
    _records = [
        { id: 1, sequence: 1, name: "Delivery", weight: 15, dimension: "efficiency" },
        { id: 2, sequence: 2, name: "Conversion", weight: 33.34, dimension: "outcome" },
        { id: 3, sequence: 3, name: "Visits", weight: 35, dimension: "behaviour" },
        { id: 4, sequence: 4, name: "Customers", weight: 16.66, dimension: "outcome" },
    ];
}

defineModels([Plan, Line]);

const rows = () => queryAllTexts(".o_list_table tbody tr:is(.o_data_row, .o_expat_kpi_dimension)");

async function mount() {
    await mountView({
        resModel: "plan",
        type: "form",
        resId: 1,
        arch: `<form><field name="line_ids" widget="expat_kpi_plan_lines">
            <list editable="bottom">
                <field name="sequence" widget="handle"/>
                <field name="dimension" column_invisible="1"/>
                <field name="name"/>
                <field name="weight" sum="Total"/>
            </list>
        </field></form>`,
    });
}

test("lines stand under their dimension, with what they weigh together", async () => {
    await mount();
    expect(rows().map((row) => row.replace(/\s+/g, " "))).toEqual([
        "Behaviour 35",
        "Visits 35.00",
        "Outcome 50",
        "Conversion 33.34",
        "Customers 16.66",
        "Efficiency 15",
        "Delivery 15.00",
    ]);
    expect(".o_list_table tfoot").toHaveText("100.00");
});

test("a weight that is entered counts at once, and a new line stays where it is entered", async () => {
    await mount();
    await contains(".o_data_row:contains(Customers) [name=weight]").click();
    await contains(".o_selected_row [name=weight] input").edit("20", { confirm: "blur" });
    expect(".o_expat_kpi_dimension:contains(Outcome)").toHaveText(/53.34/);
    await contains(".o_field_x2many_list_row_add a").click();
    await contains(".o_selected_row [name=name] input").edit("Satisfaction", { confirm: false });
    expect(queryAll(".o_data_row").at(-1)).toHaveClass("o_selected_row");
    expect(queryAll(".o_data_row")).toHaveLength(5);
});
