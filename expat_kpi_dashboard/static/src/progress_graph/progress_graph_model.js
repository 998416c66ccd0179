import { GraphModel } from "@web/views/graph/graph_model";

const INDICATOR = "indicator_id";

/**
 * Bars of what came of the indicators, each with its target.
 *
 * An average over several indicators means nothing, so that every bar belongs to one of them.
 * Where there is no number there is no bar: its value is null, never 0.
 */
export class ProgressGraphModel extends GraphModel {
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
        const { domain, groupBy, resModel } = metaData;
        const specs = groupBy.map((gb) => gb.spec);
        const [result, groups] = await Promise.all([
            super._loadDataPoints(metaData),
            this.orm.formattedReadGroup(resModel, domain, specs, ["target:avg", "actual:avg"], {
                context: this.searchParams.context,
            }),
        ]);
        const key = (values) => JSON.stringify(values);
        const byKey = new Map(
            groups.map((group) => [key(specs.map((spec) => ({ [spec]: group[spec] }))), group])
        );
        const [dataPoints] = result;
        for (const dataPoint of dataPoints) {
            const group = byKey.get(dataPoint.identifier);
            dataPoint.target = group?.["target:avg"] || null;
            if (metaData.measure !== "__count" && typeof dataPoint.value !== "number") {
                dataPoint.value = null;
            }
        }
        return result;
    }

    /** @override */
    _getData(dataPoints, forceUseAllDataPoints) {
        const data = super._getData(dataPoints, forceUseAllDataPoints);
        for (const dataset of data.datasets) {
            dataset.targets = new Array(data.labels.length).fill(null);
            // Odoo fills gaps with 0
            dataset.missing = new Array(data.labels.length).fill(true);
        }
        const byLabel = new Map(data.datasets.map((dataset) => [dataset.label, dataset]));
        for (const dataPoint of dataPoints) {
            const dataset = byLabel.get(this._getDatasetLabel(dataPoint));
            if (dataset && dataPoint.labelIndex !== undefined) {
                dataset.targets[dataPoint.labelIndex] = dataPoint.target;
                dataset.missing[dataPoint.labelIndex] = false;
            }
        }
        for (const dataset of data.datasets) {
            dataset.data = dataset.data.map((value, i) => (dataset.missing[i] ? null : value));
        }
        return data;
    }
}
