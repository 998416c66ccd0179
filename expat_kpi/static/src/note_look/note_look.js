import { Component, useEffect, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Tells the server that the reader has opened this plan, or sees a newer version of it.
 *
 * What is marked as changed on the page was read before, so it stays while one reads.
 */
export class NoteLook extends Component {
    static template = xml``;
    static props = { ...standardWidgetProps };

    setup() {
        const orm = useService("orm");
        useEffect(
            (id) => {
                if (id) {
                    orm.silent.call(this.props.record.resModel, "note_look", [[id]]);
                }
            },
            () => {
                const { resId, data } = this.props.record;
                return [resId, data.latest_revision_id?.id, data.open_proposal_ids?.count];
            }
        );
    }
}

export const noteLook = {
    component: NoteLook,
    fieldDependencies: [{ name: "latest_revision_id", type: "many2one" }],
};

registry.category("view_widgets").add("expat_kpi_note_look", noteLook);
