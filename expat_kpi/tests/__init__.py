from . import test_hoot
from . import test_plan_negotiation
from . import test_plan_signing
from . import test_plan_people
from . import test_plan_guard
from . import test_plan_machine
from . import test_plan_races
from . import test_plan_tour
