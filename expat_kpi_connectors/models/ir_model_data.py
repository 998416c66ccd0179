from odoo import SUPERUSER_ID, api, models

from ..demo import story
from ..tools.packs import MODELS, PACKS, Pack

# On the registry that is being loaded: the demo data have begun, and wait for the applications.
STORY_WAITS = "_expat_kpi_story_waits"


class IrModelData(models.Model):
    """Ready measures come and go with the applications that they read.

    Odoo knows data that belong to a module as a whole; a module per application would be
    the usual way to bind the two. Ours is one module, and its packs are loaded here, at
    the one place that all installations and updates pass with the complete registry.
    """

    _inherit = "ir.model.data"

    @api.model
    def _process_end(self, modules):
        result = super()._process_end(modules)
        if modules and Pack.ADDON in self.pool._init_modules:
            self._expat_kpi_make_views()
            self._expat_kpi_load_packs(modules)
            if self.pool.__dict__.pop(STORY_WAITS, False):
                story.tell(self.env)
        return result

    @api.model
    def _module_data_uninstall(self, modules_to_remove):
        if Pack.ADDON in modules_to_remove:
            self._expat_kpi_release()
            return super()._module_data_uninstall(modules_to_remove)
        for pack in reversed(PACKS):
            if not set(modules_to_remove).isdisjoint(pack.apps):
                pack.retire(self.env, modules_to_remove)
        # No column is dropped that a view reads.
        self._expat_kpi_make_views(is_readable=False)
        result = super()._module_data_uninstall(modules_to_remove)
        self._expat_kpi_make_views()
        return result

    @api.model
    def _expat_kpi_release(self):
        """What HR made, and took the place of ours, does not go with this addon."""
        for model in MODELS:
            rows = self.search([("module", "=", Pack.ADDON), ("model", "=", model)])
            records = self.env[model].with_context(active_test=False).browse(rows.mapped("res_id"))
            theirs = records.exists().filtered(lambda one: one.create_uid.id != SUPERUSER_ID)
            rows.filtered(lambda row, ids=theirs.ids: row.res_id in ids).unlink()

    @api.model
    def _expat_kpi_make_views(self, is_readable=None):
        """Make the views that are sources anew: applications came, went or changed their tables.

        :param is_readable: False: views without rows
        """
        for name in self.pool.descendants(["expat.kpi.source.view"], "_inherit"):
            model = self.env[name]
            if not model._abstract:
                model._create_view(model._is_readable() if is_readable is None else is_readable)

    @api.model
    def _expat_kpi_load_packs(self, modules):
        """Load the packs whose applications are there and that were not loaded yet; after an
        update of this addon, what is new in the others too."""
        self._expat_kpi_load(
            pack
            for pack in PACKS
            if pack.has_apps(self.env) and (Pack.ADDON in modules or not pack.is_loaded(self.env))
        )

    @api.model
    def _expat_kpi_load(self, packs):
        """Load these packs, and what they are called in other languages."""
        # All of them, one after the other: a pack may refer to those before it.
        is_new = [pack.load(self.env) for pack in packs]
        if any(is_new):
            # Those of the addon were loaded before the records that they belong to.
            # sudo: ir.module.module – only its translations
            module = self.env["ir.module.module"].sudo().search([("name", "=", Pack.ADDON)])
            module._update_translations()

    @api.model
    def _expat_kpi_tell_story(self):
        """Called by the demo data: at once, or when all applications and packs are there."""
        if self.pool.ready:
            story.tell(self.env)
        else:
            setattr(self.pool, STORY_WAITS, True)
