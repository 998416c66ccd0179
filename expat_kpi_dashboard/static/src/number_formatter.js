import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";

/** Numbers of a table: at most one decimal, and nothing where there is nothing. */
export function formatNumber(value) {
    return typeof value === "number"
        ? formatFloat(value, { digits: [16, 1], trailingZeros: false })
        : "";
}

registry.category("formatters").add("expat_kpi_number", formatNumber);
