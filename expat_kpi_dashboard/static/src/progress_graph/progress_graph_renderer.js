import { cookie } from "@web/core/browser/cookie";
import { getCustomColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { GraphRenderer } from "@web/views/graph/graph_renderer";

const INK = getCustomColor(cookie.get("color_scheme"), "#111827", "#e4e4e4");
const FAINT_INK = getCustomColor(cookie.get("color_scheme"), "#9a9fa8", "#8a8f98");
const TICK_WIDTH = 3;
const TICK_OVERHANG = 4;
const HATCH_HEIGHT = 14;

/** A hatched stub with the words, where a bar would stand for a number that is not there. */
function drawNothing(ctx, { x, width, bottom }, words) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(x - width / 2, bottom - HATCH_HEIGHT, width, HATCH_HEIGHT);
    ctx.clip();
    ctx.strokeStyle = FAINT_INK;
    ctx.lineWidth = 2;
    ctx.globalAlpha = 0.5;
    ctx.beginPath();
    for (let start = x - width / 2 - HATCH_HEIGHT; start < x + width / 2; start += 7) {
        ctx.moveTo(start, bottom);
        ctx.lineTo(start + HATCH_HEIGHT, bottom - HATCH_HEIGHT);
    }
    ctx.stroke();
    ctx.restore();
    ctx.fillStyle = INK;
    // On narrow bars the words stand upright
    const isWide = ctx.measureText(words).width <= width + 8;
    ctx.save();
    ctx.translate(x, bottom - HATCH_HEIGHT - 6);
    if (!isWide) {
        ctx.rotate(-Math.PI / 2);
        ctx.textAlign = "start";
        ctx.textBaseline = "middle";
    }
    ctx.fillText(words, 0, 0);
    ctx.restore();
}

function drawTick(ctx, { x, width }, y) {
    const half = width / 2 + TICK_OVERHANG;
    ctx.fillStyle = INK;
    ctx.fillRect(x - half, y - TICK_WIDTH / 2, 2 * half, TICK_WIDTH);
}

/** Draws each target as a tick across its bar, and says so where there is no number. */
const targetTicks = {
    id: "expatKpiTargetTicks",
    afterDatasetsDraw: (chart) => {
        const { ctx, data, scales } = chart;
        ctx.save();
        ctx.textAlign = "center";
        ctx.font = `12px ${Chart.defaults.font.family}`;
        data.datasets.forEach((dataset, index) => {
            if (!chart.isDatasetVisible(index)) {
                return;
            }
            chart.getDatasetMeta(index).data.forEach((bar, i) => {
                const place = { ...bar.getProps(["x", "width"], true), bottom: scales.y.bottom };
                for (const target of dataset.targets[i]) {
                    drawTick(ctx, place, scales.y.getPixelForValue(target));
                }
                if (dataset.data[i] === null && dataset.targets[i].length) {
                    const words = dataset.errors[i] ? _t("Cannot be computed") : _t("No data");
                    drawNothing(ctx, place, words);
                }
            });
        });
        ctx.restore();
    },
};

export class ProgressGraphRenderer extends GraphRenderer {
    /** Other measures than these two have nothing to be held against. */
    get hasTargets() {
        const { measure, mode } = this.model.metaData;
        return mode === "bar" && ["actual", "attainment"].includes(measure);
    }

    /** @override At most one decimal. */
    formatValue(value, allIntegers, formatType) {
        if (formatType || Math.abs(value) >= 1000) {
            return super.formatValue(value, allIntegers, formatType);
        }
        return formatFloat(value, { digits: [16, 1], trailingZeros: false });
    }

    /** @override */
    getBarChartData() {
        const data = super.getBarChartData();
        for (const dataset of data.datasets) {
            // Few people: bars, not walls
            dataset.maxBarThickness = 72;
            // A 0 is a number, and seen
            dataset.minBarLength = 3;
        }
        return data;
    }

    /** @override */
    getChartConfig() {
        const config = super.getChartConfig();
        if (this.hasTargets) {
            config.plugins = [...(config.plugins || []), targetTicks];
        }
        return config;
    }

    /** @override */
    getScaleOptions() {
        const options = super.getScaleOptions();
        options.y.title.display = true;
        if (this.hasTargets) {
            const targets = this.model.data.datasets.flatMap((dataset) => dataset.targets.flat());
            options.y.suggestedMax = 1.1 * Math.max(0, ...targets);
        }
        return options;
    }

    /** @override */
    getLegendOptions() {
        const options = super.getLegendOptions();
        if (!this.hasTargets) {
            return options;
        }
        const { generateLabels } = options.labels;
        options.labels.generateLabels = (chart) => [
            ...generateLabels(chart),
            {
                text: _t("Target"),
                fullText: _t("Target"),
                fillStyle: INK,
                strokeStyle: INK,
                fontColor: INK,
                lineWidth: 0,
                isTarget: true,
            },
        ];
        options.onClick = (ev, item, legend) => {
            if (!item.isTarget) {
                Chart.defaults.plugins.legend.onClick.call(legend, ev, item, legend);
            }
        };
        return options;
    }

    /** @override */
    getTooltipItems(data, metaData, tooltipModel) {
        const items = super.getTooltipItems(data, metaData, tooltipModel);
        if (!this.hasTargets) {
            return items;
        }
        for (const point of tooltipModel.dataPoints) {
            for (const target of data.datasets[point.datasetIndex].targets[point.dataIndex]) {
                items.push({
                    label: _t("Target"),
                    value: this.formatValue(target),
                    boxColor: INK,
                });
            }
        }
        return items;
    }
}
