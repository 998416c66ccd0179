"""Facts of measures and employees that were deleted before they took their facts along."""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """DELETE FROM expat_kpi_fact fact
            WHERE NOT EXISTS (SELECT FROM expat_kpi_measure_version WHERE id = fact.version_id)
               OR NOT EXISTS (SELECT FROM hr_employee WHERE id = fact.employee_id)"""
    )
