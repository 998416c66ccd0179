import { Component, markup } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { progressScale, progressState } from "./progress_scale";

const ICONS = {
    reached: "fa-check-circle text-success",
    near: "fa-exclamation-circle text-warning",
    missed: "fa-arrow-circle-down text-danger",
    no_data: "fa-minus-circle text-muted",
    error: "fa-exclamation-triangle text-danger",
};

/** The words of a state: what has been reached means something else for each direction. */
function stateWord(state, direction) {
    if (state === "no_data") {
        return _t("No data");
    }
    if (state === "error") {
        return _t("Cannot be computed");
    }
    const words = {
        more: {
            reached: _t("Target reached"),
            near: _t("Just below target"),
            missed: _t("Below target"),
        },
        less: {
            reached: _t("Within the limit"),
            near: _t("Just over the limit"),
            missed: _t("Over the limit"),
        },
        band: {
            reached: _t("Within the band"),
            near: _t("Just outside the band"),
            missed: _t("Outside the band"),
        },
    };
    return words[direction][state];
}

/** The actual against its target, in one sentence; values are strings or markup. */
function comparison(direction, values) {
    if (direction === "less") {
        return _t("%(actual)s of at most %(target)s", values);
    }
    if (direction === "band") {
        return _t("%(actual)s, to be %(target)s", values);
    }
    return _t("%(actual)s of %(target)s", values);
}

/**
 * An actual against its target: the numbers, the state, and a bar with the target as a tick.
 * Stands on the attainment in percent; the options name the fields beside it.
 */
export class ProgressField extends Component {
    static template = "expat_kpi.ProgressField";
    static props = {
        ...standardFieldProps,
        actualField: { type: String },
        targetField: { type: String },
        targetMaxField: { type: String },
        directionField: { type: String },
        statusField: { type: String },
        actualTextField: { type: String },
        targetTextField: { type: String },
    };

    get direction() {
        return this.props.record.data[this.props.directionField] || "more";
    }

    get state() {
        const { name, record, statusField } = this.props;
        return progressState({ status: record.data[statusField], attainment: record.data[name] });
    }

    get hasActual() {
        return !["no_data", "error"].includes(this.state);
    }

    get icon() {
        return ICONS[this.state];
    }

    get word() {
        return stateWord(this.state, this.direction);
    }

    get scale() {
        const { actualField, record, targetField, targetMaxField } = this.props;
        return progressScale({
            direction: this.direction,
            actual: this.hasActual ? record.data[actualField] : null,
            target: record.data[targetField],
            targetMax: record.data[targetMaxField],
        });
    }

    get actualText() {
        return this.props.record.data[this.props.actualTextField] || "";
    }

    get targetText() {
        return this.props.record.data[this.props.targetTextField] || "";
    }

    get numbers() {
        if (!this.hasActual) {
            return _t("Target: %(target)s", { target: this.targetText });
        }
        return comparison(this.direction, {
            actual: markup`<span class="o_expat_kpi_progress_actual">${this.actualText}</span>`,
            target: markup`<span class="o_expat_kpi_progress_target">${this.targetText}</span>`,
        });
    }

    get label() {
        const numbers = this.hasActual
            ? comparison(this.direction, { actual: this.actualText, target: this.targetText })
            : this.numbers;
        return _t("%(numbers)s: %(state)s", { numbers, state: this.word });
    }
}

const FIELD_OPTIONS = [
    ["actual_field", "actualField", "actual", "float", _t("Actual")],
    ["target_field", "targetField", "target", "float", _t("Target")],
    ["target_max_field", "targetMaxField", "target_max", "float", _t("Upper end of the band")],
    ["direction_field", "directionField", "direction", "selection", _t("Direction")],
    ["status_field", "statusField", "actual_status", "selection", _t("Status")],
    ["actual_text_field", "actualTextField", "actual_text", "char", _t("Actual with its unit")],
    ["target_text_field", "targetTextField", "target_text", "char", _t("Target with its unit")],
];

export const progressField = {
    component: ProgressField,
    displayName: _t("Progress towards a target"),
    supportedTypes: ["float"],
    supportedOptions: FIELD_OPTIONS.map(([name, , , type, label]) => ({
        name,
        label,
        type: "field",
        availableTypes: [type],
    })),
    fieldDependencies: ({ options }) =>
        FIELD_OPTIONS.map(([option, , fallback, type]) => ({
            name: options[option] || fallback,
            type,
            readonly: true,
        })),
    extractProps: ({ options }) =>
        Object.fromEntries(
            FIELD_OPTIONS.map(([option, prop, fallback]) => [prop, options[option] || fallback])
        ),
};

registry.category("fields").add("expat_kpi_progress", progressField);
