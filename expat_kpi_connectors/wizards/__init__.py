from . import expat_kpi_pack
from . import expat_kpi_record_amend
from . import expat_kpi_record_answer
from . import expat_kpi_record_settings
from . import expat_kpi_template_pack
from . import expat_kpi_template_pack_line
