// Pages with charts load this besides app.js. A chart is drawn from the table that stands beside it in the page, so that
// there is one source of figures, and the page says the same without scripts.
import { LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent, CanvasRenderer]);

const WAN = 1_000_000; // 0.01 ㎡ in 10,000 ㎡
const COLOURS = { due: "--warn", planned: "--ink-soft", actual: "--accent" };

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const inWan = (value) => (value == null ? "—" : value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }));

// The columns that say which series they are, by month.
function read(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const series = heads.flatMap((head, column) => {
    if (!head.dataset.series) return [];
    const values = rows.map((row) => (row.cells[column].dataset.value ? Number(row.cells[column].dataset.value) / WAN : null));
    return values.every((value) => value === null) ? [] : [{ key: head.dataset.series, name: head.textContent.trim(), values }];
  });
  return { months: rows.map((row) => row.cells[0].textContent.trim()), rows, series };
}

// How many lines the names take: the legend breaks them as it finds room, and the drawing begins below.
function legendLines(names, room) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  let [lines, used] = [1, 0];
  for (const name of names) {
    const width = pen.measureText(name).width + 33;
    if (used && used + width > room) [lines, used] = [lines + 1, 0];
    used += width;
  }
  return lines;
}

function options(section) {
  const { months, rows, series } = read(section.querySelector("table"));
  const [ink, soft, line, paper] = ["--ink", "--ink-soft", "--line", "--paper"].map(colour);
  const stacked = section.dataset.chart === "areas";
  const font = { color: soft, fontFamily: getComputedStyle(document.body).fontFamily };
  const deadline = rows.findIndex((row) => row.dataset.deadline);
  const names = legendLines(series.map(({ name }) => name), section.querySelector(".chart-canvas").clientWidth);
  const current = rows.findIndex((row) => row.dataset.mark);
  return {
    animation: false,
    textStyle: font,
    aria: { enabled: true, label: { description: section.querySelector("h2").textContent.replace(/\s+/g, " ").trim() + "。" + (describe(months, series)) } },
    grid: { left: 8, right: 28, top: 22 + 18 * names, bottom: 8, containLabel: true },
    legend: { top: 0, right: 0, type: "plain", itemWidth: 18, textStyle: { ...font, color: ink } },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, valueFormatter: inWan, order: stacked ? "seriesDesc" : "seriesAsc",
      backgroundColor: paper, borderColor: line, textStyle: { ...font, color: ink },
    },
    xAxis: { type: "category", data: months, boundaryGap: false, axisLine: { lineStyle: { color: soft } }, axisLabel: font },
    yAxis: { type: "value", axisLabel: font, splitLine: { lineStyle: { color: line } } },
    series: series.map(({ key, name, values }) => {
      const own = colour(COLOURS[key] ?? `--mode-${key}`);
      const base = { type: "line", name, data: values, showSymbol: false, color: own, lineStyle: { width: 2, color: own } };
      if (stacked) return { ...base, stack: "all", lineStyle: { width: 1, color: own }, areaStyle: { color: own, opacity: .75 } };
      if (key === "due") {
        const marked = deadline < 0 ? undefined : {
          symbol: "none", silent: true, lineStyle: { color: soft, type: "dashed" },
          data: [{ xAxis: deadline, label: { formatter: rows[deadline].dataset.deadline, color: soft, position: "end" } }],
        };
        return { ...base, lineStyle: { ...base.lineStyle, type: "dashed" }, markLine: marked };
      }
      if (key === "planned") return { ...base, lineStyle: { ...base.lineStyle, type: "dotted" } };
      const at = current < 0 ? undefined : {
        symbol: "circle", symbolSize: 7, silent: true,
        data: [{ coord: [current, values[current]], label: { show: true, position: current > rows.length * .8 ? "top" : "right", formatter: rows[current].dataset.mark, color: own, fontWeight: 700, textBorderColor: paper, textBorderWidth: 3 } }],
      };
      return { ...base, areaStyle: { color: own, opacity: .09 }, lineStyle: { ...base.lineStyle, width: 3 }, markPoint: at };
    }),
  };
}

// What a screen reader says of the chart: the last known value of every series.
function describe(months, series) {
  return series.map(({ name, values }) => {
    const last = values.findLastIndex ? values.findLastIndex((value) => value !== null) : values.length - 1;
    return `${name} ${months[last]} ${inWan(values[last])}`;
  }).join("; ");
}

function draw(section) {
  const canvas = section.querySelector(".chart-canvas");
  (getInstanceByDom(canvas) ?? init(canvas)).setOption(options(section), true);
}

function show(section, what) {
  section.querySelector(".chart-canvas").hidden = what !== "chart";
  section.querySelector(".chart-table").hidden = what !== "table";
  for (const button of section.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === what));
  if (what === "chart") {
    draw(section);
    getInstanceByDom(section.querySelector(".chart-canvas")).resize();
  }
}

function save(section, button) {
  show(section, "chart");
  const link = document.createElement("a");
  link.href = getInstanceByDom(section.querySelector(".chart-canvas")).getDataURL({ pixelRatio: 2, backgroundColor: colour("--paper") });
  link.download = `${button.dataset.png}.png`;
  link.click();
}

const sections = [...document.querySelectorAll("[data-chart]")];
for (const section of sections) {
  section.querySelector(".chart-switch").hidden = false;
  section.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.show) show(section, button.dataset.show);
    if (button?.dataset.png) save(section, button);
  });
  show(section, "chart");
}

const redraw = () => sections.filter((section) => !section.querySelector(".chart-canvas").hidden).forEach(draw);
const resize = () => sections.forEach((section) => {
  const chart = getInstanceByDom(section.querySelector(".chart-canvas"));
  if (!chart) return;
  chart.resize();
  chart.setOption(options(section), true);
});
window.addEventListener("resize", resize);
window.addEventListener("beforeprint", resize);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme", "data-theme"] });
