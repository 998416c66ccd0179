import { registry } from "@web/core/registry";
import { SearchModel } from "@web/search/search_model";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/**
 * A column for each person, for those who follow several. Whoever has only themselves to look at,
 * or holds a phone, gets all cards at once.
 */
export class ProgressSearchModel extends SearchModel {
    async load(config) {
        const hasColumns = !this.env.isSmall && (await this._hasTeam(config));
        const defaultGroupBy = hasColumns ? config.defaultGroupBy : undefined;
        return super.load({ ...config, defaultGroupBy });
    }

    async _hasTeam({ domain, resModel }) {
        const people = await this.orm.formattedReadGroup(
            resModel,
            domain || [],
            ["employee_id"],
            ["__count"],
            { limit: 2 }
        );
        return people.length > 1;
    }
}

export class ProgressKanbanRenderer extends KanbanRenderer {
    /** @override Without people there are no columns, nor is there one to be added. */
    get showNoContentHelper() {
        const { groups, isGrouped } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length);
    }
}

registry.category("views").add("expat_kpi_progress_kanban", {
    ...kanbanView,
    Renderer: ProgressKanbanRenderer,
    SearchModel: ProgressSearchModel,
});
