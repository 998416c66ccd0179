import { registry } from "@web/core/registry";

const card = (name) => `.o_kanban_record:contains(${name})`;
const state = (name, value) => `${card(name)} .o_expat_kpi_progress[data-state=${value}]`;

registry.category("web_tour.tours").add("expat_kpi_dashboard.progress_empty", {
    steps: () => [
        {
            content: "Who has no plan reads why there is nothing, and where to go",
            trigger: ".o_nocontent_help:contains(No target under way) a.btn",
        },
    ],
});

// From the card of a person to the very records, and back.
const openRecords = [
    {
        content: "Lan is above her target",
        trigger: `${state("Tour Lan", "reached")} .o_expat_kpi_progress_numbers:contains(3 of 2)`,
    },
    {
        content: "The sentence says what the number is made of; it leads to the records",
        trigger: `${card("Tour Lan")} a.o_expat_kpi_explanation:contains(customers found)`,
        run: "click",
    },
    {
        content: "All three are there",
        trigger: ".o_data_row:contains(Tour customer 0)",
    },
    {
        trigger: ".o_data_row:contains(Tour customer 2)",
    },
];

registry.category("web_tour.tours").add("expat_kpi_dashboard.progress", {
    steps: () => [
        { trigger: `${card("Tour Lan")}:contains(Vietnam)` },
        { trigger: state("Tour Ana", "missed") },
        {
            content: "No data has a word of its own, and no bar",
            trigger: `${state("Tour Wei", "no_data")}:not(:has(.o_expat_kpi_progress_bar))`,
        },
        ...openRecords,
    ],
});

registry.category("web_tour.tours").add("expat_kpi_dashboard.progress_own", {
    steps: () => [
        {
            content: "One sees oneself only, and in no column of one's own",
            trigger: `.o_kanban_renderer.o_kanban_ungrouped:not(:has(${card("Tour Ana")}))`,
        },
        ...openRecords,
    ],
});

registry.category("web_tour.tours").add("expat_kpi_dashboard.progress_graph", {
    steps: () => [
        { trigger: `.o_kanban_group:contains(Tour Lan)` },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { trigger: ".o_graph_canvas_container canvas" },
        {
            content: "Shares are no slices of a pie",
            trigger: ".o_graph_renderer:not(:has([data-mode=pie])) [data-mode=bar]",
        },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { trigger: ".o_pivot td:contains(Tour Lan), .o_pivot th:contains(Tour Lan)" },
    ],
});
