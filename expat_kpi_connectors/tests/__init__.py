from . import test_fact_aggregates
from . import test_fact_local_day
from . import test_fact_refresh
from . import test_indicator
from . import test_measure_preview
from . import test_measure_versions
from . import test_plan_actual
from . import test_published_source
