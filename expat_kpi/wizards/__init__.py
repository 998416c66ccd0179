from . import expat_kpi_cycle_plans
from . import expat_kpi_cycle_plans_row
from . import expat_kpi_plan_sign
from . import expat_kpi_plan_reason
from . import expat_kpi_plan_line_records
from . import expat_kpi_revision_compare
from . import expat_kpi_measure_adopt
