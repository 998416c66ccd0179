from . import expat_kpi_event_report
from . import expat_kpi_plan_report
