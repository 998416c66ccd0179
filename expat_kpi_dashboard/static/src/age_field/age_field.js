import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** How old a number is: "5 minutes ago", with the moment itself as its title. */
export class AgeField extends Component {
    static template = "expat_kpi_dashboard.AgeField";
    static props = { ...standardFieldProps };

    get moment() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.moment ? this.moment.toRelative() : _t("Not computed yet");
    }

    get title() {
        return this.moment
            ? _t("Computed on %(moment)s", { moment: formatDateTime(this.moment) })
            : "";
    }
}

export const ageField = {
    component: AgeField,
    displayName: _t("Age"),
    supportedTypes: ["datetime"],
};

registry.category("fields").add("expat_kpi_age", ageField);
