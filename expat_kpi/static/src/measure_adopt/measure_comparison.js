import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Old and new settings and numbers side by side, before a new version counts. */
export class MeasureComparison extends Component {
    static template = "expat_kpi.MeasureComparison";
    static props = { ...standardFieldProps };

    get comparison() {
        return this.props.record.data[this.props.name] || {};
    }
}

export const measureComparison = {
    component: MeasureComparison,
    displayName: _t("Comparison of two versions"),
    supportedTypes: ["json"],
};

registry.category("fields").add("measure_comparison", measureComparison);
