from . import days
from . import chinese
from . import people
from . import done
from . import orders
from . import agreed
from . import story
