from . import expat_kpi_plan_report
