import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DomainField, domainField } from "@web/views/fields/domain/domain_field";
import { PublishedDomainSelector } from "./published_domain_selector";

/**
 * Conditions on records that the reader may have no right to see.
 *
 * Unlike Odoo's field it neither counts nor lists what it selects: the measure's
 * preview does, under the rules for published sources.
 */
export class PublishedDomainField extends DomainField {
    static template = "expat_kpi.PublishedDomainField";
    static components = { PublishedDomainSelector };
    static props = {
        ...DomainField.props,
        pathsField: { type: String },
    };

    get paths() {
        return this.props.record.data[this.props.pathsField] || [];
    }

    async checkProps(props = this.props) {
        const isValid = !this.getEvaluatedDomain(props).isInvalid;
        this.updateState({ isValid, recordCount: 0, hasLimitedCount: false });
    }

    async quickValidityCheck(props) {
        return !this.getEvaluatedDomain(props).isInvalid;
    }
}

export const publishedDomainField = {
    ...domainField,
    component: PublishedDomainField,
    displayName: _t("Domain of published fields"),
    supportedOptions: [
        { label: _t("Model"), name: "model", type: "string" },
        { label: _t("Published paths"), name: "paths", type: "field" },
    ],
    extractProps({ options }, dynamicInfo) {
        return {
            resModel: options.model,
            pathsField: options.paths,
            context: dynamicInfo.context,
        };
    },
    fieldDependencies: ({ options }) => [{ name: options.paths, type: "json" }],
};

registry.category("fields").add("published_domain", publishedDomainField);
