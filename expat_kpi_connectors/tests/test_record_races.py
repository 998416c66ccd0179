import threading
from unittest.mock import patch
from uuid import uuid4

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from .test_record_policy import picture


@tagged("post_install", "-at_install")
class TestRecordRaces(BaseCase):
    """Two phones send the same record at the same moment, each in a request of its own.

    The records are committed, as no transaction sees what another has not; the class
    removes them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean)
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            user = env["res.users"].create({"name": "Record Race", "login": "record_race"})
            env["hr.employee"].create({"name": user.name, "user_id": user.id})
            cls.user_id = user.id
            cls.kind_id = env.ref("expat_kpi_connectors.record_kind_visit").id

    @classmethod
    def _env(cls, cr, uid=SUPERUSER_ID):
        return api.Environment(cr, uid, {"no_reset_password": True, "tracking_disable": True})

    @classmethod
    def _clean(cls):
        """A record is not deleted by anybody; what a test has left goes by SQL."""
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            users = env["res.users"].search([("login", "=", "record_race")])
            employees = env["hr.employee"].search([("user_id", "in", users.ids)])
            records = env["expat.kpi.record"].search([("employee_id", "in", employees.ids)])
            env["mail.message"].search(
                [("model", "=", records._name), ("res_id", "in", records.ids)]
            ).unlink()
            env.flush_all()
            cr.execute("DELETE FROM expat_kpi_record WHERE id = ANY(%s)", [records.ids])
            env.invalidate_all()
            employees.unlink()
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _send(self, phones, model="expat.kpi.record"):
        """Let phones send, each ({values}) in a thread; both look before either inserts."""
        together = threading.Barrier(len(phones), timeout=20)
        looked = threading.local()
        records = self.registry[model]
        create = records.create
        results = [None] * len(phones)

        def create_together(self, vals_list):
            if not getattr(looked, "was", False):
                looked.was = True
                together.wait()
            return create(self, vals_list)

        def request(number, values):
            try:
                with self.registry.cursor() as cr:
                    env = self._env(cr, self.user_id)

                    def endpoint():
                        record, is_new = env[model]._receive(dict(values))
                        return record.id, is_new

                    results[number] = retrying(endpoint, env)
            except Exception as error:  # noqa: BLE001 – whatever it is, a test tells it
                results[number] = error

        threads = [
            threading.Thread(target=request, args=(number, values))
            for number, values in enumerate(phones)
        ]
        with (
            patch.object(records, "create", create_together),
            patch("odoo.service.model.random.uniform", return_value=0),
            mute_logger("odoo.sql_db"),
        ):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return results

    def test_one_record_of_two_phones_at_once(self):
        sent = {
            "client_uuid": str(uuid4()),
            "kind_id": self.kind_id,
            "date": fields.Datetime.now(),
        }
        results = self._send([{**sent, "note": "one phone"}, {**sent, "note": "the other"}])
        with self.registry.cursor() as cr:
            found = self._env(cr)["expat.kpi.record"].search(
                [("client_uuid", "=", sent["client_uuid"])]
            )
            self.assertEqual(len(found), 1)
            self.assertEqual(sorted(results), [(found.id, False), (found.id, True)])

    def test_two_records_at_once_are_two(self):
        sent = {"kind_id": self.kind_id, "date": fields.Datetime.now()}
        results = self._send([{**sent, "client_uuid": str(uuid4())} for _phone in range(2)])
        self.assertEqual([is_new for _record, is_new in results], [True, True])
        self.assertEqual(len({record for record, _is_new in results}), 2)

    def test_one_photo_of_two_phones_at_once(self):
        sent = {"kind_id": self.kind_id, "date": fields.Datetime.now()}
        [(record_id, _is_new)] = self._send([{**sent, "client_uuid": str(uuid4())}])
        photo = {"record_id": record_id, "client_uuid": str(uuid4()), "image": picture()}
        results = self._send([photo, photo], "expat.kpi.record.photo")
        with self.registry.cursor() as cr:
            found = self._env(cr)["expat.kpi.record"].browse(record_id).photo_ids
            self.assertEqual(len(found), 1)
            self.assertEqual(sorted(results), [(found.id, False), (found.id, True)])
