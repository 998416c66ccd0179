import { registry } from "@web/core/registry";
import { SearchModel } from "@web/search/search_model";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** A column for each person where there is room; on the phone one column of all cards. */
export class ProgressSearchModel extends SearchModel {
    async load(config) {
        const defaultGroupBy = this.env.isSmall ? undefined : config.defaultGroupBy;
        return super.load({ ...config, defaultGroupBy });
    }
}

registry.category("views").add("expat_kpi_progress_kanban", {
    ...kanbanView,
    SearchModel: ProgressSearchModel,
});
