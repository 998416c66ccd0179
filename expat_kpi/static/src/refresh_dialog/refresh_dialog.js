import { Component, onWillDestroy, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

// How long to leave a measure to somebody else before it is asked for again, and how often.
export const PATIENCE = { milliseconds: 2000, times: 30 };

/**
 * Refreshes measures one by one and shows how far it is.
 *
 * Each is a call and a transaction of its own: closing the dialog ends after the present one
 * and takes nothing back.
 */
export class RefreshDialog extends Component {
    static template = "expat_kpi.RefreshDialog";
    static components = { Dialog };
    static props = {
        measures: Array,
        since: String,
        onFinished: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.rest = [...this.props.measures];
        this.total = this.rest.length;
        this.errors = [];
        this.state = useState({ done: 0, name: "", problem: "" });
        this.isClosed = false;
        onWillDestroy(() => (this.isClosed = true));
        this.run();
    }

    get text() {
        return _t("%(number)s of %(total)s: %(measure)s", {
            number: Math.min(this.state.done + 1, this.total),
            total: this.total,
            measure: this.state.name,
        });
    }

    get percent() {
        return this.total ? Math.round((100 * this.state.done) / this.total) : 100;
    }

    async run() {
        this.state.problem = "";
        let busy = 0;
        let waited = 0;
        while (this.rest.length && !this.isClosed) {
            const measure = this.rest[0];
            this.state.name = measure.name;
            const result = await this.refresh(measure);
            if (!result) {
                return;
            }
            this.rest.shift();
            if (result.state === "busy") {
                this.rest.push(measure);
                busy += 1;
                if (busy >= this.rest.length) {
                    // All that is left is with somebody else.
                    busy = 0;
                    waited += 1;
                    if (waited > PATIENCE.times) {
                        this.state.problem = _t("Somebody else is still refreshing the rest.");
                        return;
                    }
                    await new Promise((resolve) => setTimeout(resolve, PATIENCE.milliseconds));
                }
                continue;
            }
            busy = 0;
            this.state.done += 1;
            if (result.error) {
                this.errors.push(`${measure.name}: ${result.error}`);
            }
        }
        if (!this.isClosed) {
            this.props.close();
            this.props.onFinished(this.errors);
        }
    }

    async refresh(measure) {
        try {
            return await this.orm.silent.call("expat.kpi.measure", "refresh_step", [
                [measure.id],
                this.props.since,
            ]);
        } catch (error) {
            this.state.problem =
                error.data?.message || _t("The server could not be reached. What is done stays.");
            return null;
        }
    }
}

/** What the button does: refresh, say how it went, and show the new numbers. */
function refreshAction(env, action) {
    const { measures, since, done } = action.params;
    const finish = (errors) => {
        env.services.notification.add(errors.length ? errors.join("\n") : done, {
            type: errors.length ? "warning" : "success",
        });
    };
    if (!measures.length) {
        return finish([]);
    }
    env.services.dialog.add(
        RefreshDialog,
        { measures, since, onFinished: finish },
        { onClose: () => env.services.action.doAction("soft_reload") }
    );
}

registry.category("actions").add("expat_kpi_refresh", refreshAction);
