"""What the demo company is called in Chinese, where that is spoken.

Names of demo records are in no translation file, which everybody gets; what people have written
stays in the language that they wrote it in.
"""

NAMES = {
    "expat_kpi.region_southeast_asia": ("name", "东南亚"),
    "expat_kpi.region_europe": ("name", "欧洲"),
    "expat_kpi.region_south_america": ("name", "南美"),
    "expat_kpi.job_overseas_sales": ("name", "海外销售工程师"),
    "expat_kpi.job_overseas_manager": ("name", "海外销售经理"),
    "expat_kpi_connectors.policy_vietnam": (
        "notice",
        (
            "您在手机上登记拜访时，系统会随记录保存定位 90 天，用于证明您到过现场。"
            "仅您本人和人力资源可以查看定位，您的上级只能看到有无定位。"
            "您可随时在同一页面停止保存。"
        ),
    ),
}


def translate(env):
    if "zh_CN" not in dict(env["res.lang"].get_installed()):
        return
    for xml_id, (name, text) in NAMES.items():
        record = env.ref(xml_id, raise_if_not_found=False)
        if record:
            record.update_field_translations(name, {"zh_CN": text})
