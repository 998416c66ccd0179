import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { ListRenderer } from "@web/views/list/list_renderer";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * Lines of a plan by dimension: each under its heading, with what they weigh together.
 *
 * Within a dimension they stand as they are ordered. A line that is being edited keeps its place
 * until it is left, for a row that moves takes the cursor along.
 */
export class PlanLinesRenderer extends ListRenderer {
    static rowsTemplate = "expat_kpi.PlanLinesRows";

    setup() {
        super.setup();
        this.places = new Map();
    }

    get dimensions() {
        return this.fields.dimension.selection;
    }

    /** [{key, title, weight, records}], in the order of the dimensions; without one comes last. */
    get sections() {
        const known = new Map([...this.dimensions, [false, ""]].map(([key]) => [key, []]));
        for (const record of this.props.list.records) {
            if (!record.isInEdition || !this.places.has(record.id)) {
                // One that is new has no indicator yet: it stays at the end while it is entered.
                this.places.set(record.id, record.isInEdition ? false : record.data.dimension);
            }
            known.get(this.places.get(record.id) || false).push(record);
        }
        return [...known]
            .filter(([, records]) => records.length)
            .map(([key, records]) => ({
                key: key || "none",
                title: (this.dimensions.find(([value]) => value === key) || ["", ""])[1],
                weight: formatFloat(
                    records.reduce((sum, record) => sum + (record.data.weight || 0), 0),
                    { digits: [16, 2], trailingZeros: false }
                ),
                records,
            }));
    }

    /** How many columns stand before the weight, and after it. */
    get weightColumn() {
        const index = this.columns.findIndex((column) => column.name === "weight");
        const before = (index < 0 ? this.columns.length : index) + (this.hasSelectors ? 1 : 0);
        return { before, after: this.nbCols - before - 1 };
    }
}

export class PlanLinesField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: PlanLinesRenderer };
}

registry.category("fields").add("expat_kpi_plan_lines", {
    ...x2ManyField,
    component: PlanLinesField,
    additionalClasses: ["o_field_one2many"],
});
