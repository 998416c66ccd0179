from . import expat_kpi_measure_adopt
