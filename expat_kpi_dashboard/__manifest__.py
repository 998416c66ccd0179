{
    "name": "Expat KPI Dashboard",
    "summary": "Cards and charts of agreed targets and what came of them",
    "version": "19.0.1.1.0",
    "category": "Human Resources/Expat KPI",
    "author": "expat_kpi contributors",
    "license": "LGPL-3",
    "depends": ["expat_kpi"],
    "data": ["views/expat_kpi_plan_line_views.xml", "views/expat_kpi_menus.xml"],
    "assets": {
        "web.assets_backend": [
            "expat_kpi_dashboard/static/src/**/*",
            ("remove", "expat_kpi_dashboard/static/src/progress_graph/**/*"),
        ],
        # Graphs are loaded when first looked at
        "web.assets_backend_lazy": ["expat_kpi_dashboard/static/src/progress_graph/**/*"],
        "web.assets_tests": ["expat_kpi_dashboard/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["expat_kpi_dashboard/static/tests/**/*.test.js"],
    },
}
