from . import test_hoot, test_progress, test_progress_tour
