import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const IN_NEGOTIATION = ".o_arrow_button_current:contains(In Negotiation)";
const APPROVED = ".o_arrow_button_current:contains(Approved)";

/** Sign in the dialog that shows once more what is signed. */
function sign(state) {
    return [
        {
            content: "Sign",
            trigger: "button[name=action_sign]:visible",
            run: "click",
        },
        {
            content: "What is signed is shown once more",
            trigger: ".modal .o_expat_kpi_diff:contains(Weights together: 100)",
        },
        {
            content: "Agree",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The signature is there",
            trigger: `body:not(:has(.modal)) .o_expat_kpi_plan:has(${state}) .o_expat_kpi_parties .fa-check-circle`,
        },
    ];
}

tours.add("expat_kpi_plan_hr_opens", {
    steps: () => [
        {
            content: "HR sends the plan out",
            trigger: "button[name=action_open]",
            run: "click",
        },
        {
            content: "Three are waited for",
            trigger: ".o_expat_kpi_parties:has(.fa-hourglass-half):contains(Direct manager)",
        },
        ...sign(IN_NEGOTIATION),
    ],
});

tours.add("expat_kpi_plan_expat_proposes", {
    steps: () => [
        {
            content: "Propose a change of a line",
            trigger: ".o_data_row:contains(Qualified projects) button[name=action_propose]",
            run: "click",
        },
        {
            content: "Twenty instead of a hundred",
            trigger: ".modal div[name=target] input",
            run: "edit 20",
        },
        {
            trigger: ".modal div[name=weight] input",
            run: "edit 25",
        },
        {
            trigger: ".modal div[name=reason] textarea",
            run: "edit Customers decide in 3 to 6 months, 20 that are real are better.",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            content: "Old stands beside new",
            trigger:
                "body:not(:has(.modal)) .o_expat_kpi_open:contains(Target 100 → 20, Weight 40 → 25)",
        },
        {
            content: "Propose another line",
            trigger: "button[name=action_propose].btn-secondary:visible",
            run: "click",
        },
        {
            trigger: ".modal div[name=kind] label:contains(Add a line)",
            run: "click",
        },
        {
            trigger: ".modal div[name=indicator_id] input",
            run: "edit Repurchase share",
        },
        {
            trigger: ".modal .o-autocomplete--dropdown-item:contains(Repurchase share)",
            run: "click",
        },
        {
            trigger: ".modal div[name=target] input",
            run: "edit 60",
        },
        {
            trigger: ".modal div[name=weight] input",
            run: "edit 15",
        },
        {
            trigger: ".modal div[name=reason] textarea",
            run: "edit Loyal customers are half of the revenue.",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            content: "Both are open",
            trigger:
                "body:not(:has(.modal)) .o_expat_kpi_open:contains(New: Target 60 %, Weight 15)",
        },
    ],
});

tours.add("expat_kpi_plan_manager_accepts", {
    steps: () => [
        {
            trigger:
                ".o_expat_kpi_open .o_kanban_record:contains(Qualified projects) button[name=action_accept]",
            run: "click",
        },
        {
            content: "One proposal is left, and the weights are short",
            trigger: ".o_expat_kpi_plan .alert-warning:contains(15.00 are missing)",
        },
        {
            trigger:
                ".o_expat_kpi_open .o_kanban_record:contains(Repurchase share) button[name=action_accept]",
            run: "click",
        },
        {
            content: "Nothing is open, and HR has to sign anew",
            trigger:
                ".o_expat_kpi_plan:not(:has(.o_expat_kpi_parties .fa-check-circle)) .o_data_row:contains(Repurchase share)",
        },
        {
            content: "See what changed",
            trigger: ".o_expat_kpi_consent button[name=action_compare]",
            run: "click",
        },
        {
            trigger: ".modal .o_expat_kpi_diff .badge:contains(New)",
        },
        {
            trigger: ".modal footer button:contains(Close)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        ...sign(IN_NEGOTIATION),
    ],
});

tours.add("expat_kpi_plan_signs", { steps: () => sign(IN_NEGOTIATION) });

tours.add("expat_kpi_plan_signs_last", { steps: () => sign(APPROVED) });

/** On a phone: no sideways scrolling, Sign and Propose at the bottom. */
tours.add("expat_kpi_plan_phone", {
    steps: () => [
        {
            content: "Sign is at hand",
            trigger: ".o_expat_kpi_bottom button[name=action_sign]:visible",
            run() {
                const scrolling = [
                    document.documentElement,
                    ...document.querySelectorAll("*"),
                ].find(
                    (el) =>
                        el.clientWidth > 300 &&
                        el.scrollWidth > el.clientWidth + 1 &&
                        ["auto", "scroll"].includes(getComputedStyle(el).overflowX)
                );
                if (scrolling) {
                    throw new Error(`${scrolling.className} scrolls sideways`);
                }
            },
        },
        {
            content: "Lines are cards",
            trigger:
                ".o_expat_kpi_plan div[name=line_ids] .o_kanban_record:contains(Qualified projects)",
        },
        ...sign(IN_NEGOTIATION),
    ],
});
