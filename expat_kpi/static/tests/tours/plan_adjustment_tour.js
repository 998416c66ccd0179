import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Type a number into a cell of the line that is being edited. */
function enter(name, number) {
    return {
        trigger: `.o_selected_row td[name=${name}] input`,
        run: `edit ${number}`,
    };
}

/** Sign in the dialog, with the tick where it asks for one. */
function sign({ tick, state }) {
    return [
        {
            content: "Sign",
            trigger: "button[name=action_sign]:visible",
            run: "click",
        },
        {
            content: "Old stands beside new, and what holds on which days",
            trigger: ".modal .o_expat_kpi_diff:contains(working days)",
        },
        ...(tick
            ? [
                  {
                      content: "Without the tick nobody signs",
                      trigger:
                          ".modal:not(:has(button[name=action_confirm]:enabled)) button[name=action_confirm]:disabled",
                  },
                  {
                      content: "Agree that it counts before today",
                      trigger: ".modal div[name=agrees_to_past] input",
                      run: "click",
                  },
              ]
            : []),
        {
            trigger: ".modal button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            content: "The signature is there",
            trigger: `body:not(:has(.modal)) .o_expat_kpi_plan:has(.o_arrow_button_current:contains(${state})) .o_expat_kpi_parties .fa-check-circle`,
        },
    ];
}

tours.add("expat_kpi_plan_hr_adjusts", {
    steps: () => [
        {
            content: "Adjust",
            trigger: "button[name=action_adjust]:visible",
            run: "click",
        },
        {
            trigger: ".o_expat_kpi_adjustment div[name=reason] textarea",
            run: "edit Southeast Asia grows.",
        },
        {
            trigger: ".o_expat_kpi_adjustment .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_selected_row td[name=indicator_id] input",
            run: "edit Customer visits",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Customer visits)",
            run: "click",
        },
        {
            content: "What holds until now stands beside it",
            trigger: ".o_selected_row td[name=old_text]:contains(Target 12)",
        },
        enter("target", 18),
        {
            content: "Leave the line",
            trigger: ".o_expat_kpi_adjustment .oe_title",
            run: "click",
        },
        {
            content: "Before and after are shown before anything is proposed",
            trigger: ".o_expat_kpi_diff:contains(18):contains(working days)",
        },
        {
            trigger: "button[name=action_propose]:visible",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Proposed)",
        },
        {
            trigger: "button[name=action_open_plan]:visible",
            run: "click",
        },
        ...sign({ tick: false, state: "Approved" }),
    ],
});

tours.add("expat_kpi_plan_expat_agrees_to_past", {
    steps: () => sign({ tick: true, state: "Approved" }),
});

tours.add("expat_kpi_plan_manager_adjusts_last", {
    steps: () => [
        ...sign({ tick: false, state: "Adjusted" }),
        {
            content: "What holds on which days stands in the line",
            trigger: ".o_data_row:contains(Customer visits) td[name=slices_text]:contains(18)",
        },
    ],
});

// From the button of a mail.
tours.add("expat_kpi_plan_mail_signs", {
    steps: () => [
        {
            content: "exactly what is signed is shown once more",
            trigger: ".o_expat_kpi_diff del:contains('12')",
        },
        {
            content: "one tap signs it",
            trigger: ".o_expat_kpi_bottom button[name=action_confirm]",
            run: "click",
        },
        {
            content: "and leads to the plan, which waits for others now",
            trigger: ".o_expat_kpi_plan .o_expat_kpi_parties",
        },
    ],
});

tours.add("expat_kpi_plan_mail_refuses", {
    steps: () => [
        {
            content: "say why",
            trigger: ".o_expat_kpi_refuse .o_field_widget[name=reason] textarea",
            run: "edit It cannot be reached.",
        },
        {
            content: "one tap refuses it",
            trigger: ".o_expat_kpi_bottom button[name=action_confirm]",
            run: "click",
        },
        {
            content: "and leads to the plan",
            trigger: ".o_expat_kpi_plan .o_expat_kpi_parties",
        },
    ],
});
