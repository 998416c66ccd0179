{
    "name": "Expat KPI Dashboard",
    "summary": "Cards and charts of agreed targets and what came of them",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Expat KPI",
    "author": "expat_kpi contributors",
    "license": "LGPL-3",
    "depends": ["expat_kpi"],
    "data": ["views/expat_kpi_plan_line_views.xml"],
    "assets": {
        "web.assets_backend": ["expat_kpi_dashboard/static/src/**/*"],
        "web.assets_tests": ["expat_kpi_dashboard/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["expat_kpi_dashboard/static/tests/**/*.test.js"],
    },
}
