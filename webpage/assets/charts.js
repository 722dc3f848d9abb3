// Draws the charts of a page with Vega, from the data that stands in it. Nothing is fetched, and
// expressions are interpreted, so that the page can forbid `eval`.
"use strict";
(function () {
  const options = { ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: "svg", logLevel: 1 };

  const view = window.mptfView;

  // The page's heading, and that of the chart's section.
  function titleOf(plot) {
    return `${document.querySelector("h1").textContent}: ${plot.closest("section").querySelector("h2").textContent}`;
  }

  function draw(plot, rows) {
    const specification = { ...window.mptfCharts[plot.dataset.chart], datasets: { rows: rows } };
    const drawing = document.createElement("div");
    drawing.ariaHidden = "true"; // the plot has said what it is; Vega would give it another role
    plot.replaceChildren(drawing);
    return window.vegaEmbed(drawing, specification, options);
  }

  // What was drawn from a row, from left to right; each knows its row, as Vega has it.
  function marks(plot, selector) {
    const all = Array.from(plot.querySelectorAll(selector)).filter((mark) => mark.__data__?.datum?.usd !== undefined);
    const left = new Map(all.map((mark) => [mark, mark.getBoundingClientRect().left]));
    return all.sort((a, b) => left.get(a) - left.get(b));
  }

  const usd = (value) => `US$ ${value.toLocaleString("en-US")}`.replace("-", "−");
  const KINDS = { deposited: "deposited", year_end: "spent, year-end", interim: "spent, interim", transferred: "transferred" };
  const STEPS = { interim: "interim", year_end: "year-end", restated: "year-end, restated" };
  const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

  function years(plot, told) {
    const rows = told.map(([year, kind, usd]) => ({
      year: year, kind: kind, usd: usd, bar: kind === "deposited" ? kind : "spent",
    }));
    plot.style.maxWidth = `${160 + 120 * new Set(rows.map((row) => row.year)).size}px`;
    const drawn = draw(plot, rows);
    const bars = () => marks(plot, ".mark-rect path");
    mptfTips.chart(plot, bars, ({ __data__: { datum } }) =>
      `${datum.year}: ${usd(datum.usd)} ${KINDS[datum.kind]}`, ({ __data__: { datum } }) => {
      const year = String(datum.year);
      view.set("row-by-year", view.get("row-by-year") === year ? null : year);
    });
    view.hold("row-by-year", async (year) => {
      await drawn;
      for (const bar of bars()) bar.classList.toggle("chosen", String(bar.__data__.datum.year) === year);
    });
    mptfPictures.ofChart(plot, () => `${titleOf(plot)}, in US$`, () => rows);
  }

  function steps(figure, wide) {
    const labelled = figure.steps.length <= 6 && wide;
    const rows = figure.steps.map(([at, usd, step], number) => ({
      at: at, from: at, usd: usd, step: step,
      label: labelled && usd !== figure.steps[number - 1]?.[1] ? usd.toLocaleString("en-US") : "",
    }));
    rows.push({ at: figure.until, usd: rows[rows.length - 1].usd, step: "until" });
    const deadline = `${figure.year + 1}-04-30T23:59:59Z`;
    if (rows[0].at < deadline && deadline < figure.until) rows.push({ at: deadline, step: "deadline" });
    return rows;
  }

  function history(plot, told) {
    const choice = document.getElementById(plot.dataset.choice);
    for (const figure of told.figures) {
      const name = figure.organization === "(all)" ? "all organizations" : figure.organization;
      choice.add(new Option(`${figure.year}, ${name}`, `${figure.year},${figure.organization}`));
    }
    choice.selectedIndex = told.first;
    const points = () => marks(plot, ".mark-symbol path");
    const chosen = () => told.figures[choice.selectedIndex];
    const rowOf = (point) => `${choice.value},${point.__data__.datum.from}`; // Vega makes numbers of times
    const show = async () => {
      await draw(plot, steps(chosen(), innerWidth > 500));
      for (const point of points()) point.classList.toggle("chosen", rowOf(point) === view.get("row-history"));
    };
    const choose = (figure) => {
      const at = Array.from(choice.options).findIndex((option) => option.value === figure);
      choice.selectedIndex = at < 0 ? told.first : at;
      show();
      return plot.closest("figure");
    };
    choice.addEventListener("change", () => {
      view.set("row-history", null);
      view.set("figure", choice.value);
    });
    show();
    view.hold("figure", choose);
    view.hold("row-history", (row) => { // whose figure is drawn
      if (row === null) show();
      else choose(row.slice(0, row.lastIndexOf(",")));
    });
    mptfTips.chart(plot, points, ({ __data__: { datum } }) =>
      `Seen from ${DAY.format(new Date(datum.at))}: ${usd(datum.usd)}, ${STEPS[datum.step]}`,
      (point) => view.set("row-history", rowOf(point) === view.get("row-history") ? null : rowOf(point)));
    const title = () => `${titleOf(plot)}: expenditure of ${choice.selectedOptions[0].text}, in US$`;
    mptfPictures.ofChart(plot, title, () => steps(chosen(), true));
  }

  for (const plot of document.querySelectorAll(".plot")) {
    plot.closest("figure").hidden = false;
    const told = JSON.parse(document.getElementById(plot.dataset.rows).textContent);
    (plot.dataset.chart === "years" ? years : history)(plot, told);
  }
})();
