from . import expat_kpi_record_amend
from . import expat_kpi_record_answer
from . import expat_kpi_record_settings
