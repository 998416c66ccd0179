import { DomainSelector } from "@web/core/domain_selector/domain_selector";
import { getDomainDisplayedOperators } from "@web/core/domain_selector/domain_selector_operator_editor";
import { _t } from "@web/core/l10n/translation";
import { condition, formatValue } from "@web/core/tree_editor/condition_tree";
import { Select } from "@web/core/tree_editor/tree_editor_components";
import { getOperatorEditorInfo } from "@web/core/tree_editor/tree_editor_operator_editor";
import { getDefaultValue } from "@web/core/tree_editor/tree_editor_value_editors";

// Relative dates would change yesterday's count tomorrow, and a text compared with
// a relation searches fields that nobody published: the server refuses both.
const OPERATORS = {
    date: ["=", ">=", "<=", "set", "not set"],
    datetime: [">=", "<=", "set", "not set"],
    integer: ["=", "!=", ">", ">=", "<", "<=", "between"],
    float: [">", ">=", "<", "<=", "between", "=", "!="],
    monetary: [">", ">=", "<", "<=", "between", "=", "!="],
    many2one: ["set", "not set", "in", "not in"],
    many2many: ["set", "not set", "in", "not in"],
    one2many: ["set", "not set"],
};

/**
 * Odoo's domain editor, over the published fields of a source and nothing else.
 *
 * What it offers is a convenience; what a condition may use is decided by the server.
 */
export class PublishedDomainSelector extends DomainSelector {
    static props = {
        ...DomainSelector.props,
        /** Path and label of each field that conditions may use, and the model of
         *  related records that the reader may not see. */
        paths: Array,
    };

    getShowArchivedCheckBox() {
        // A measure has a setting of its own for archived records.
        return false;
    }

    getDefaultCondition(fieldDefs) {
        const [path] = this.props.paths.find(([name]) => name in fieldDefs) || ["id"];
        const operator = this.getDefaultOperator(fieldDefs[path]);
        return condition(path, operator, getDefaultValue(fieldDefs[path] || {}, operator));
    }

    getOperators(fieldDef) {
        const isClosed = this.props.paths.some(
            ([, , model]) => model && model === fieldDef?.relation
        );
        if (isClosed) {
            // Which record it is cannot be chosen; whether there is one can.
            return ["set", "not set"];
        }
        return OPERATORS[fieldDef?.type] || getDomainDisplayedOperators(fieldDef);
    }

    getDefaultOperator(fieldDef) {
        return this.getOperators(fieldDef)[0];
    }

    getOperatorEditorInfo(fieldDef) {
        return getOperatorEditorInfo(this.getOperators(fieldDef), fieldDef);
    }

    getPathEditorInfo(resModel, defaultCondition) {
        const isPublished = (path) => this.props.paths.some(([name]) => name === path);
        return {
            component: Select,
            extractProps: ({ update, value }) => ({ value, update, options: this.props.paths }),
            isSupported: isPublished,
            defaultValue: () => defaultCondition.path,
            stringify: (path) => formatValue(path),
            message: _t("This field is not published for conditions."),
        };
    }
}
