import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { ProgressGraphModel } from "./progress_graph_model";
import { ProgressGraphRenderer } from "./progress_graph_renderer";

/** What was reached as bars, what was agreed as a tick on each. */
registry.category("views").add("expat_kpi_progress_graph", {
    ...graphView,
    Model: ProgressGraphModel,
    Renderer: ProgressGraphRenderer,
    buttonTemplate: "expat_kpi_dashboard.ProgressGraphButtons",
});
