import base64
from datetime import date
from io import BytesIO
from uuid import uuid4

from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .record_common import RecordCase

HANOI = (21.03, 105.85)


def picture(size=(64, 48), kind="JPEG", noise=False, position=False):
    """A photo in base64, as a phone sends it."""
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "red")
    exif = Image.Exif()
    if position:
        exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 48.0), 3: "E", 4: (105.0, 51.0, 0.0)})
    stream = BytesIO()
    image.save(stream, kind, **({"exif": exif, "quality": 95} if kind == "JPEG" else {}))
    return base64.b64encode(stream.getvalue())


@tagged("post_install", "-at_install")
@freeze_time("2026-05-20 12:00:00")
class TestRecordPolicy(RecordCase):
    """What a country's policy does not allow is not kept, whatever is sent."""

    def _photo(self, record, user=None, **values):
        return (
            self.env["expat.kpi.record.photo"]
            .with_user(user or record.employee_id.sudo().user_id)
            .create({"record_id": record.id, "image": picture(), **values})
        )

    def _confirm(self, policy, employee=None, version=None):
        policy.with_user((employee or self.lan).user_id).action_confirm(
            version or policy.notice_version
        )

    def test_no_policy_no_position(self):
        record = self._record()
        self.assertFalse(record._keep_position(*HANOI))
        self.assertFalse(record.sudo().place_ids)
        self.assertFalse(record.has_place)

    def test_position_needs_switch_and_consent(self):
        policy = self._policy(use_position=False)
        self._confirm(policy)
        record = self._record()
        self.assertFalse(record._keep_position(*HANOI), "switched off")
        policy.use_position = True
        self.assertFalse(record._keep_position(*HANOI), "the notice stands for more than it did")
        self._confirm(policy)
        self.assertTrue(record._keep_position(*HANOI, 15))
        self.assertEqual((record.has_place, record.mark), (True, "evidence"))
        self.assertAlmostEqual(record.place_ids.latitude, 21.03)
        jonas = self._record(self.jonas)
        self.assertFalse(jonas._keep_position(*HANOI), "Germany has no policy")

    def test_a_changed_notice_asks_again(self):
        policy = self._policy()
        self._confirm(policy)
        self.assertTrue(policy._has_consent(self.lan))
        policy.photo_days = 10
        policy.notice = policy.notice
        self.assertTrue(policy._has_consent(self.lan), "nothing was changed for the worse")
        policy.notice = "Your position is kept for longer."
        self.assertFalse(policy._has_consent(self.lan))
        with self.assertRaisesRegex(UserError, "has changed"):
            self._confirm(policy, version=1)
        self._confirm(policy)
        policy.place_days += 1
        self.assertFalse(policy._has_consent(self.lan))

    def test_a_policy_for_other_people_asks_again(self):
        policy = self._policy()
        self._confirm(policy)
        policy.country_id = self.env.ref("base.th")
        self.assertFalse(policy._has_consent(self.lan))
        self._confirm(policy)
        policy.company_id = False
        self.assertFalse(policy._has_consent(self.lan))

    def test_a_place_is_in_nothing_that_is_made_of_the_record(self):
        """It would stay there when the record's is erased."""
        self.lan.user_id.group_ids += self.env.ref("sales_team.group_sale_salesman")
        record = self._record(place="Hall 7")
        record.action_make_activity()
        lead = self.env["crm.lead"].browse(record.action_make_lead()["res_id"])
        self.assertNotIn("Hall 7", record.activity_ids.summary)
        self.assertNotIn("Hall 7", lead.name)

    def test_notice_is_read_in_ones_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        policy = self._policy()
        self._confirm(policy)
        translated = {"zh_CN": "定位证明您在场。"}
        policy.with_user(self.wang).update_field_translations("notice", translated)
        self.assertFalse(policy._has_consent(self.lan), "what is confirmed has changed")
        self.lan.user_id.lang = "zh_CN"
        as_lan = policy.with_user(self.lan.user_id).with_context(lang="zh_CN")
        as_lan.action_confirm(2)
        consents = policy.consent_ids.sorted("id")
        self.assertEqual(
            consents.mapped("notice"),
            ["Your position shows that you were there.", "定位证明您在场。"],
        )

    def test_consent_is_history_and_can_be_taken_back(self):
        policy = self._policy()
        self._confirm(policy)
        policy.with_user(self.lan.user_id).action_withdraw()
        self.assertFalse(policy._has_consent(self.lan))
        policy.invalidate_recordset()
        consents = policy.consent_ids
        self.assertEqual(consents.mapped("is_given"), [False, True])
        self.assertEqual(consents[-1].notice, policy.notice)
        for attempt in (
            lambda: consents[0].write({"is_given": True}),
            lambda: consents.unlink(),
            lambda: self.env["expat.kpi.policy.consent"].create({"policy_id": policy.id}),
        ):
            with self.assertRaises(UserError):
                attempt()
        with self.assertRaises(UserError):
            policy.notice_version = 1

    def test_company_policy_wins_over_the_general_one(self):
        general = self._policy(company_id=False)
        place = (self.company_a, self.env.ref("base.vn"))
        find = self.env["expat.kpi.policy"]._by_place
        self.assertEqual(find([place])[place], general)
        own = self._policy(use_position=False)
        self.assertEqual(find([place])[place], own)
        own.active = False
        self.assertEqual(find([place])[place], general)
        with self.assertRaisesRegex(ValidationError, "notice"):
            general.notice = " "

    def test_absurd_positions_are_refused(self):
        self._confirm(self._policy())
        record = self._record()
        for place in ((0.0, 0.0), (91.0, 0.0), (10.0, 181.0), (float("nan"), 1.0), ("1", 2)):
            with self.assertRaisesRegex(ValidationError, "cannot be"):
                record._keep_position(*place)
        self.assertFalse(record.has_place)

    def test_position_and_photo_are_between_person_and_hr(self):
        self._confirm(self._policy())
        record = self._record()
        record._keep_position(*HANOI)
        photo = self._photo(record)
        for user, sees in (
            (self.lan.user_id, True),
            (self.wang, True),
            (self.chen.user_id, False),
            (self.jonas.user_id, False),
        ):
            for kept in (record.sudo().place_ids, photo):
                found = self.env[kept._name].with_user(user).search([("id", "=", kept.id)])
                self.assertEqual(bool(found), sees, (user.name, kept._name))
                if not sees:
                    with self.assertRaises(AccessError):
                        kept.with_user(user).read()
        as_manager = record.with_user(self.chen.user_id)
        self.assertTrue(as_manager.has_place and as_manager.has_photo)
        self.assertFalse(as_manager.place_ids or as_manager.photo_ids)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", photo._name),
                    ("res_id", "=", photo.id),
                    ("res_field", "=", "image"),
                ]
            )
        )
        with self.assertRaises(AccessError):
            attachment.with_user(self.chen.user_id).read(["datas"])
        self.assertTrue(attachment.with_user(self.lan.user_id).read(["datas"]))

    def test_a_photo_is_kept_without_what_the_camera_wrote(self):
        sent = picture((4000, 100), position=True)
        self.assertTrue(self._gps(sent), "the test's own photo has a position")
        photo = self._photo(self._record(), image=sent)
        self.assertFalse(self._gps(photo.image))
        with Image.open(BytesIO(base64.b64decode(photo.image))) as image:
            self.assertEqual((image.format, image.width), ("JPEG", 1920))

    def _gps(self, content):
        with Image.open(BytesIO(base64.b64decode(content))) as image:
            return dict(image.getexif().get_ifd(0x8825))

    def test_a_picture_in_the_chatter_is_cleaned_too(self):
        record = self._record()
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.lan.user_id)
            .create(
                {
                    "name": "a.jpg",
                    "res_model": record._name,
                    "res_id": record.id,
                    "datas": picture(position=True),
                }
            )
        )
        self.assertFalse(self._gps(attachment.datas))

    def test_a_video_loses_its_place_and_nothing_else(self):
        place, loci = b"+48.7758+009.1829+245.0/", bytes(range(1, 13))

        def box(kind, *parts):
            content = b"".join(parts)
            return (len(content) + 8).to_bytes(4, "big") + kind + content

        def video(place, loci, more=b""):
            return b"".join(
                (
                    box(b"ftyp", b"mp42"),
                    # Picture and sound, in a box with a long length, which may hold anything.
                    b"\0\0\0\1mdat" + (32).to_bytes(8, "big") + b"+01.0000+002.00/",
                    box(
                        b"moov",
                        box(b"udta", box(b"\xa9xyz", b"\0\x18\x15\xc7", place)),
                        box(
                            b"udta", box(b"loci", bytes(4), b"\x15\xc7Office\0\0", loci, b"earth\0")
                        ),
                        more,
                    ),
                )
            )

        files = self.env["ir.attachment"]
        record = self._record()
        values = {"name": "a.mp4", "res_model": record._name, "res_id": record.id}
        kept = files.create({**values, "raw": video(place, loci)})
        self.assertEqual(kept.raw, video(b"+00.0000+000.0000+000.0/", bytes(12)))
        with self.assertRaisesRegex(UserError, "whole way"):
            files.create({**values, "raw": video(place, loci, box(b"trak", b"gpmd"))})
        for broken in (b"\0\0\0\x08ftyp", video(place, loci)[:-30], box(b"ftyp", b"mp42") + b"x"):
            self.assertNotIn(b"48.77", files.create({**values, "raw": broken}).raw)

    def _composed(self, content, **values):
        """A file as the composer of the chatter holds it until the message is sent."""
        return (
            self.env["ir.attachment"]
            .with_user(self.lan.user_id)
            .create(
                {
                    "name": "a.jpg",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                    "datas": content,
                    **values,
                }
            )
        )

    def test_a_picture_of_the_composer_is_cleaned_when_it_is_sent(self):
        record = self._record()
        sent = self._composed(picture(position=True))
        record.message_post(body="Look", attachment_ids=sent.ids)
        self.assertEqual((sent.res_model, sent.res_id), (record._name, record.id))
        self.assertFalse(self._gps(sent.datas))
        text = self._composed(base64.b64encode(b"minutes"), name="b.txt")
        record.message_post(body="And", attachment_ids=text.ids)
        self.assertEqual(text.raw, b"minutes")
        # put in place of another file, and copied to the record
        text.write({"datas": picture(position=True)})
        self.assertFalse(self._gps(text.datas))
        other = self._composed(picture(position=True))
        self.assertTrue(self._gps(other.datas))
        copied = other.copy({"res_model": record._name, "res_id": record.id})
        self.assertFalse(self._gps(copied.datas))

    def test_what_may_not_be_kept_is_not_sent_by_the_composer_either(self):
        record = self._record()
        self.company_a.expat_kpi_file_mb = 1
        large = self._composed(picture((1400, 1400), noise=True))
        with self.assertRaisesRegex(ValidationError, "at most 1 MB"):
            record.message_post(body="Look", attachment_ids=large.ids)
        self._policy(use_photos=False)
        small = self._composed(picture())
        with self.assertRaisesRegex(ValidationError, "No photos"):
            record.message_post(body="Look", attachment_ids=small.ids)

    def test_large_and_unreadable_files_are_refused(self):
        record = self._record()
        self.company_a.expat_kpi_file_mb = 1
        large = picture((1400, 1400), noise=True)
        with self.assertRaisesRegex(ValidationError, "at most 1 MB"):
            self._photo(record, image=large)
        with self.assertRaisesRegex(ValidationError, "at most 1 MB"):
            self.env["ir.attachment"].with_user(self.lan.user_id).create(
                {"name": "a.bin", "res_model": record._name, "res_id": record.id, "datas": large}
            )
        for content in (base64.b64encode(b"%PDF-1.4 no photo"), b"a", False):
            with self.assertRaisesRegex(ValidationError, "no photo"):
                self._photo(record, image=content)
        self.assertFalse(record.has_photo)

    def test_photos_switched_off_are_not_kept(self):
        record = self._record()
        self._policy(use_photos=False)
        with self.assertRaisesRegex(ValidationError, "No photos"):
            self._photo(record)
        with self.assertRaisesRegex(ValidationError, "No photos"):
            self.env["ir.attachment"].with_user(self.lan.user_id).create(
                {"name": "a", "res_model": record._name, "res_id": record.id, "datas": picture()}
            )

    def test_photo_added_in_the_form(self):
        with Form(self._record()) as form, form.photo_ids.new() as photo:
            photo.image = picture().decode()
        record = self._photo(form.record).record_id
        self.assertEqual(len(record.photo_ids), 2)
        self.assertTrue(record.has_photo)

    def test_a_photo_taken_away_shows_nothing(self):
        record = self._record()
        photos = self._photo(record) + self._photo(record)
        photos[0].unlink()
        self.assertEqual((record.has_photo, record.mark), (True, "evidence"))
        photos[1].unlink()
        self.assertEqual((record.has_photo, record.mark), (False, "self"))

    def test_a_photo_is_of_whom_its_record_is(self):
        """By another company nobody of the own one's HR would see it."""
        record = self._record()
        for values in (
            {"company_id": self.env.ref("base.main_company").id},
            {"employee_id": self.jonas.id},
        ):
            with self.assertRaisesRegex(UserError, "set by the system"):
                self._photo(record, **values)

    def test_photos_follow_the_hours_for_edits(self):
        record = self._record()
        uuid = str(uuid4())
        photo = self._photo(record, client_uuid=uuid)
        with self.assertRaises(AccessError):
            self._photo(record, user=self.jonas.user_id)
        with self.assertRaises(AccessError):
            self._photo(record, user=self.chen.user_id)
        self._grow_old(record, "2026-05-01 00:00:00")
        with self.assertRaisesRegex(UserError, "48 hours"):
            self._photo(record)
        with self.assertRaisesRegex(UserError, "48 hours"):
            photo.unlink()
        with self.assertRaisesRegex(UserError, "48 hours"):
            photo.with_context(expat_kpi_erase=True).unlink()

    # ------------------------------------------------------------------
    # Erasure
    # ------------------------------------------------------------------

    def _kept(self, *records):
        for record in records:
            record.invalidate_recordset()
        return [
            (bool(record.sudo().place_ids), record.place, len(record.sudo().photo_ids))
            for record in records
        ]

    def test_erased_after_the_days_of_the_policy(self):
        policy = self._policy(place_days=10, photo_days=20)
        self._confirm(policy)
        # 23:30 in Hanoi on the 1st, 00:30 on the 2nd
        first = self._record(date="2026-05-01 16:30:00", place="Hall 1")
        second = self._record(date="2026-05-01 17:30:00", place="Hall 2")
        german = self._record(self.jonas, date="2026-05-01 16:30:00", place="Halle 3")
        for record in (first, second):
            record._keep_position(*HANOI)
        for record in (first, second, german):
            self._photo(record)
        of_photos = [
            ("res_model", "=", "expat.kpi.record.photo"),
            ("res_field", "=", "image"),
        ]
        files = self.env["ir.attachment"].search(
            [*of_photos, ("res_id", "in", (first + second + german).sudo().photo_ids.ids)]
        )
        self.assertEqual(len(files), 3)
        erase = self.env["expat.kpi.policy"]._erase
        erase(date(2026, 5, 11))
        self.assertEqual(
            self._kept(first, second), [(True, "Hall 1", 1), (True, "Hall 2", 1)], "ten days"
        )
        erase(date(2026, 5, 12))
        self.assertEqual(self._kept(first, second), [(False, False, 1), (True, "Hall 2", 1)])
        self.assertTrue(first.has_place, "that there was one stays known")
        self.assertEqual(first.mark, "evidence")
        erase(date(2026, 5, 22))
        self.assertEqual(self._kept(first, second), [(False, False, 0), (False, False, 1)])
        # Files of fields are found by their field only.
        self.assertEqual(
            self.env["ir.attachment"].search_count([*of_photos, ("id", "in", files.ids)]), 2
        )
        # Where there is no policy: photos for 30 days.
        erase(date(2026, 5, 31))
        self.assertEqual(self._kept(german), [(False, "Halle 3", 1)])
        erase(date(2026, 6, 1))
        self.assertEqual(self._kept(german), [(False, "Halle 3", 0)])

    def test_switched_off_is_erased(self):
        policy = self._policy()
        self._confirm(policy)
        record = self._record(date="2026-05-19 10:00:00")
        record._keep_position(*HANOI)
        policy.use_position = False
        self.env["expat.kpi.policy"]._erase(date(2026, 5, 20))
        self.assertEqual(self._kept(record), [(False, False, 0)])

    def test_pictures_in_the_chatter_are_erased_and_other_files_stay(self):
        record = self._record(date="2026-05-19 10:00:00")
        files = self.env["ir.attachment"].create(
            [
                {"name": name, "res_model": record._name, "res_id": record.id, "datas": content}
                for name, content in (
                    ("a.jpg", picture()),
                    ("b.txt", base64.b64encode(b"minutes")),
                )
            ]
        )
        self.env["expat.kpi.policy"]._erase(date(2026, 6, 19))
        self.assertEqual(files.exists().mapped("name"), ["b.txt"])

    def test_statements_do_not_grow(self):
        records = [self._record(date="2026-05-19 10:00:00") for _number in range(5)]
        counts = []
        for part in (records[:1], records[1:]):
            for record in part:
                self._photo(record)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["expat.kpi.policy"]._erase(date(2026, 7, 1))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
