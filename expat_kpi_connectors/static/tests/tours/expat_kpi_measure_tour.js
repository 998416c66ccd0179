import { registry } from "@web/core/registry";

const CONDITION = ".o_expat_published_domain .o_tree_editor_condition";

/** HR makes "visits longer than 30 minutes with a customer" from nothing. */
registry.category("web_tour.tours").add("expat_kpi_measure", {
    steps: () => [
        {
            content: "name it",
            trigger: ".o_field_widget[name=name] :is(input, textarea)",
            run: "edit Visits longer than 30 minutes",
        },
        {
            content: "before anything is chosen, the preview asks for it",
            trigger: ".o_expat_preview_problem:contains(Choose which records count)",
        },
        {
            content: "choose what is counted",
            trigger: ".o_field_widget[name=source_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Meetings)",
            run: "click",
        },
        {
            content: "all meetings of Lan's are counted",
            trigger: ".o_expat_preview_number:contains(/^4$/)",
        },
        {
            content: "the first condition",
            trigger: ".o_expat_published_domain a:contains(New Rule)",
            run: "click",
        },
        {
            content: "only published fields are offered",
            trigger: `${CONDITION}:eq(0) select:eq(0):has(option:contains(With a customer)):not(:has(option:contains(Privacy)))`,
            run: "selectByLabel Duration in hours",
        },
        {
            trigger: `${CONDITION}:eq(0) select:eq(1):has(option:contains(greater than))`,
            run: "selectByLabel greater than",
        },
        {
            trigger: `${CONDITION}:eq(0) input`,
            run: "edit 0.5 && press Tab",
        },
        {
            content: "the short one no longer counts",
            trigger: ".o_expat_preview_number:contains(/^3$/)",
        },
        {
            content: "the second condition",
            trigger: ".o_expat_published_domain a:contains(New Rule)",
            run: "click",
        },
        {
            trigger: `${CONDITION}:eq(1) select:eq(0)`,
            run: "selectByLabel With a customer",
        },
        {
            content: "the internal one no longer counts either",
            trigger: ".o_expat_preview_number:contains(/^2$/)",
        },
        {
            content: "what counts is listed",
            trigger:
                ".o_expat_preview_counted:contains(Visit to Thaco):contains(Dinner with Vinfast)",
        },
        {
            content: "what does not has its reason",
            trigger:
                ".o_expat_preview_missed:contains(Short call):contains(is more than 0.5):contains(time is already)",
        },
        {
            content: "the sentence is written by the system",
            trigger:
                ".o_field_widget[name=in_words]:contains(The number of Meetings where):contains(is more than 0.5)",
        },
        {
            content: "another month",
            trigger: ".o_expat_preview_previous",
            run: "click",
        },
        {
            trigger: ".o_expat_preview_number:contains(/^0$/)",
        },
        {
            trigger: ".o_expat_preview_next",
            run: "click",
        },
        {
            trigger: ".o_expat_preview_number:contains(/^2$/)",
        },
        {
            content: "its name in formulas",
            trigger: ".o_field_widget[name=code] input",
            run: "edit long_visits",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "it is in force",
            trigger: ".o_form_saved .o_field_widget[name=version_text]:contains(version 1)",
        },
    ],
});
