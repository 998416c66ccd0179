import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("expat_kpi_event_proposed", {
    steps: () => [
        {
            content: "Each plan stands before and after, with its share of the period",
            trigger:
                ".o_data_row:contains(Lan):contains(25 % → 20 %):contains(36 of 64 working days)",
        },
        {
            content: "The others are left alone, and it is said why",
            trigger: ".o_notebook a[name=left]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Maria):contains(Posted elsewhere)",
        },
        {
            content: "Propose",
            trigger: "button[name=action_propose]:visible",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Everybody is waited for",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains(Proposed)",
        },
        {
            trigger: ".o_notebook a[name=board]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Jonas):contains(Waiting):contains(Chen)",
        },
        {
            content: "The board",
            trigger: "button[name=action_open_board]",
            run: "click",
        },
        {
            trigger: ".o_kanban_group:contains(Waiting) .o_kanban_record:contains(Tran)",
        },
        {
            content: "Remind who is missing",
            trigger: ".o_kanban_record:contains(Lan) button[name=action_nudge]:not(:disabled)",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Reminded)",
        },
    ],
});
