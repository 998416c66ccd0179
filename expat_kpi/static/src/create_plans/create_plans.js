import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * Asks for one batch of plans after the other, and shows how far it is.
 *
 * Each batch is a request of its own, so what was made stays. Closing the dialog
 * stops after the batch under way.
 */
export class CreatePlans extends Component {
    static template = "expat_kpi.CreatePlans";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        const { page_id, made, todo } = this.props.action.params;
        this.pageId = page_id;
        this.state = useState({ made, todo, isRunning: false });
        this.isStopped = false;
        onMounted(() => this.run());
        onWillUnmount(() => {
            this.isStopped = true;
        });
    }

    get percent() {
        const { made, todo } = this.state;
        return Math.round((100 * made) / (made + todo || 1));
    }

    async run() {
        this.isStopped = false;
        this.state.isRunning = true;
        try {
            while (this.state.todo && !this.isStopped) {
                const found = await this.orm.silent.call(
                    "expat.kpi.cycle.plans",
                    "action_next_batch",
                    [[this.pageId]]
                );
                Object.assign(this.state, found);
            }
        } finally {
            // An error is shown by the web client; "Go On" tries again.
            this.state.isRunning = false;
        }
        if (!this.state.todo && !this.isStopped) {
            await this.showResult();
        }
    }

    stop() {
        this.isStopped = true;
    }

    async showResult() {
        this.isStopped = true;
        const action = await this.orm.call("expat.kpi.cycle.plans", "action_open_result", [
            [this.pageId],
        ]);
        await this.action.doAction(action);
    }
}

registry.category("actions").add("expat_kpi_create_plans", CreatePlans);
