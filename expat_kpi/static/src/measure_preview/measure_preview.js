import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What a measure finds for one employee and month, beside the form that defines it.
 *
 * It shows what the server computed from the present state of the form, saved or
 * not; another month is one more entry of the form.
 */
export class MeasurePreview extends Component {
    static template = "expat_kpi.MeasurePreview";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get preview() {
        return this.props.record.data[this.props.name] || {};
    }

    get lists() {
        const { counted, missed } = this.preview;
        return [
            {
                key: "counted",
                title: _t("Counted"),
                icon: "fa-check",
                colour: "text-success",
                ...counted,
            },
            {
                key: "missed",
                title: _t("Not counted"),
                icon: "fa-times",
                colour: "text-danger",
                ...missed,
            },
        ];
    }

    barClass(month) {
        return {
            o_expat_preview_bar: true,
            o_expat_preview_shown: month.is_shown,
            o_expat_preview_zero: !month.value,
        };
    }

    /** A month's bar is as high as its share of the highest. */
    barStyle(month) {
        const highest = Math.max(...this.preview.months.map(({ value }) => Math.abs(value)));
        const share = highest ? Math.round((Math.abs(month.value) / highest) * 100) : 0;
        return `height: ${share}%`;
    }

    async showMonth(month) {
        await this.props.record.update({ try_month: month });
    }

    async showNextMonth(step) {
        await this.showMonth(deserializeDate(this.preview.month).plus({ months: step }));
    }

    async showMonthOf(text) {
        await this.showMonth(deserializeDate(text));
    }

    openRecord({ model, id }) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
            target: "new",
        });
    }
}

export const measurePreview = {
    component: MeasurePreview,
    displayName: _t("Preview of a measure"),
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "try_month", type: "date" }],
};

registry.category("fields").add("measure_preview", measurePreview);
