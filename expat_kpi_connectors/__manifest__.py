{
    "name": "Expat KPI Connectors",
    "summary": "Ready sources, measures and indicators from CRM, calendar, projects and attendance",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Expat KPI",
    "author": "expat_kpi contributors",
    "license": "LGPL-3",
    "depends": ["expat_kpi", "crm", "project", "hr_attendance", "calendar"],
    "data": [
        "data/expat_kpi_source_crm.xml",
        "data/expat_kpi_source_calendar.xml",
        "data/expat_kpi_measure.xml",
        "data/expat_kpi_indicator.xml",
    ],
    "demo": [
        "demo/expat_kpi_plan_demo.xml",
        "demo/res_partner_demo.xml",
        "demo/crm_lead_demo.xml",
        "demo/expat_kpi_template_demo.xml",
    ],
    "assets": {
        "web.assets_tests": ["expat_kpi_connectors/static/tests/tours/**/*"],
    },
}
