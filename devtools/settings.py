"""Names, versions and lists that the rest of devtools reads. Change them here only."""

# Our addons, in the order in which they depend on each other.
ADDONS = ("expat_kpi", "expat_kpi_connectors", "expat_kpi_dashboard")

# What our addons require. Nothing of what follows comes with these.
REQUIRED_MODULES = ("hr", "crm", "project", "hr_attendance", "calendar")
# What the base database holds before our addons: everything that they may count.
BASE_MODULES = (
    "hr_holidays",
    "crm",
    "project",
    "hr_attendance",
    "calendar",
    "sale_crm",
    "sale_stock",
    "sale_margin",
    "survey",
    "base_automation",
)
# The first is what new users get.
LANGUAGES = ("en_US", "zh_CN")

# Odoo comes from Debian's package, unpacked, not installed. The small packages hold the fonts and
# scripts that its symbolic links point at; only those of LIBRARY_SUITE lie where it expects them.
ODOO_PACKAGE = "odoo-19"
ODOO_VERSION = "19.0.0+dfsg-1"
ODOO_SERIES = (19, 0)
ODOO_SUITE = "sid"
LIBRARY_SUITE = "trixie"
LIBRARY_PACKAGES = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-inconsolata",
    "fonts-font-awesome",
)

PYTHON_MIN = (3, 10)
PYTHON_MAX = (3, 13)
NODE_MIN = 18

# Free space, in bytes, without which a first set-up or a later run is not begun.
SPACE_FIRST = 4 * 2**30
SPACE_LATER = 2**29

# The database and the port of ``./dev up``.
DATABASE = "expat_kpi"
DATABASE_WITHOUT_DEMO = "expat_kpi_plain"
PORT = 8069

# Who can log in to the demo; the password is the login.
DEMO_LOGINS = (
    ("HR officer", "hr"),
    ("Manager", "manager"),
    ("Expat", "lan"),
    ("Administrator", "admin"),
)

# All databases that devtools makes for itself start with one of these.
BARE_PREFIX = "expat_kpi_bare_"
BASE_PREFIX = "expat_kpi_base_"
TEMPLATE_PREFIX = "expat_kpi_template_"
SCRATCH_PREFIX = "expat_kpi_scratch_"
KEEP_TEMPLATES = 2
