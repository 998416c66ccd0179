"""Rules of field records as plain Python, without Odoo: places, quality, samples."""
