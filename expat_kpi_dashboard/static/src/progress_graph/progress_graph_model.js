import { GraphModel } from "@web/views/graph/graph_model";

const INDICATOR = "indicator_id";
const REACHED = 100;

/**
 * Bars of what came of the indicators, each with its target.
 *
 * An average over several indicators means nothing, so that every bar belongs to one of them. Of
 * several, which have several units, the attainments are shown unless the reader chooses otherwise.
 * Where there is no number there is no bar: its value is null, never 0.
 */
export class ProgressGraphModel extends GraphModel {
    /** @override */
    setup(params) {
        super.setup(params);
        this.isMeasureChosen = false;
    }

    /** @override */
    async updateMetaData(params) {
        if ("measure" in params) {
            this.isMeasureChosen = true;
        }
        return super.updateMetaData(params);
    }

    /** @override */
    _normalize(metaData) {
        const hasIndicator = metaData.groupBy.some(
            (groupBy) => (groupBy.fieldName || groupBy) === INDICATOR
        );
        if (!hasIndicator) {
            metaData.groupBy = [...metaData.groupBy, INDICATOR];
        }
        super._normalize(metaData);
    }

    /** @override */
    async _loadDataPoints(metaData) {
        const agreed = await this._loadAgreed(metaData);
        const isChosen = this.isMeasureChosen || this.searchParams.context.graph_measure;
        if (!isChosen && metaData.measure in agreed.fields) {
            metaData.measure = agreed.indicators.size > 1 ? "attainment" : "actual";
        }
        const result = await super._loadDataPoints(metaData);
        const [dataPoints] = result;
        for (const dataPoint of dataPoints) {
            const group = agreed.groups.get(dataPoint.identifier);
            if (group && metaData.measure in agreed.fields) {
                Object.assign(dataPoint, this._getTargets(group, metaData.measure));
                dataPoint.isError = group["actual_status:array_agg_distinct"].includes("error");
                if (typeof group[`${metaData.measure}:avg`] !== "number") {
                    dataPoint.value = null;
                }
            }
        }
        return result;
    }

    /** What was agreed, and whether there is a number, per group of the graph. */
    async _loadAgreed({ domain, groupBy, resModel }) {
        const specs = groupBy.map((gb) => gb.spec);
        const groups = await this.orm.formattedReadGroup(
            resModel,
            domain,
            specs,
            [
                "target:avg",
                "target_max:avg",
                "actual:avg",
                "attainment:avg",
                "actual_status:array_agg_distinct",
            ],
            { context: this.searchParams.context }
        );
        const key = (group) => JSON.stringify(specs.map((spec) => ({ [spec]: group[spec] })));
        return {
            fields: { actual: true, attainment: true },
            groups: new Map(groups.map((group) => [key(group), group])),
            indicators: new Set(groups.map((group) => group[INDICATOR]?.[0])),
        };
    }

    /** The targets that a bar of `measure` is to be held against; a band has two. */
    _getTargets(group, measure) {
        if (measure === "attainment") {
            return { targets: [REACHED] };
        }
        const [lower, upper] = [group["target:avg"], group["target_max:avg"]];
        return { targets: upper > lower ? [lower, upper] : [lower] };
    }

    /** @override */
    _getData(dataPoints, forceUseAllDataPoints) {
        const data = super._getData(dataPoints, forceUseAllDataPoints);
        const points = new Map();
        for (const dataPoint of dataPoints) {
            points.set(
                JSON.stringify([this._getDatasetLabel(dataPoint), dataPoint.labelIndex]),
                dataPoint
            );
        }
        for (const dataset of data.datasets) {
            const own = data.labels.map((_label, index) =>
                points.get(JSON.stringify([dataset.label, index]))
            );
            // Odoo fills with 0 what a person has no line for
            dataset.data = dataset.data.map((value, index) => (own[index] ? value : null));
            dataset.targets = own.map((dataPoint) => dataPoint?.targets || []);
            dataset.errors = own.map((dataPoint) => Boolean(dataPoint?.isError));
        }
        return data;
    }
}
