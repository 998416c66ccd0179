from . import test_hoot
from . import test_plan_negotiation
