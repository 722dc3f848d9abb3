// A chart as a picture, PNG or SVG: light, with its title, legend, source and release in it.
"use strict";
window.mptfPictures = (function () {
  const WIDTH = 900;
  const SHAPES = { // as the style sheet draws the keys of a legend
    y: ["square", "--year-end", "--year-end"], i: ["square", "--interim-fill", "--interim"],
    d: ["square", "--deposited", "--deposited"], t: ["stroke", "--ink", "--ink"],
  };
  const POINTS = {
    y: ["diamond", "--year-end", "--year-end"], i: ["circle", "--paper", "--interim"],
    r: ["square", "--restated", "--restated"],
  };

  // Colours are names of the style sheet's, and a picture has the light ones.
  function light(specification) {
    const sample = document.createElement("div");
    sample.className = "light";
    document.body.append(sample);
    const colours = getComputedStyle(sample);
    const text = JSON.stringify(specification)
      .replace(/var\((--[a-z0-9-]+)\)/g, (_, name) => colours.getPropertyValue(name).trim());
    sample.remove();
    return JSON.parse(text);
  }

  function lines(text, characters) {
    const made = [""];
    for (const word of text.split(/\s+/)) {
      const last = made.at(-1);
      if (last && last.length + word.length >= characters) made.push(word);
      else made[made.length - 1] = last ? `${last} ${word}` : word;
    }
    return made;
  }

  function legend(keys) {
    let x = 8;
    const values = keys.map((key) => {
      const kinds = key.closest(".shapes") ? POINTS : SHAPES;
      const [shape, fill, stroke] = kinds[key.classList[1]];
      const value = { x: x, label: key.textContent, shape: shape, fill: `var(${fill})`, stroke: `var(${stroke})` };
      x += 50 + 7 * value.label.length;
      return value;
    });
    const raw = (field) => ({ field: field, type: "nominal", scale: null, legend: null });
    const at = { x: { field: "x", type: "quantitative", scale: null, axis: null }, y: { value: 8 } };
    return {
      data: { values: values }, width: WIDTH, height: 16,
      layer: [
        { mark: { type: "point", size: 130, strokeWidth: 2, opacity: 1 },
          encoding: { ...at, shape: raw("shape"), fill: raw("fill"), stroke: raw("stroke") } },
        { mark: { type: "text", align: "left", baseline: "middle", dx: 14, fontSize: 13, color: "var(--muted)" },
          encoding: { ...at, text: { field: "label" } } },
      ],
    };
  }

  function sources() {
    const link = document.querySelector(".source a[rel]")?.href ?? window.mptfRelease.site;
    const served = location.protocol.startsWith("http") ? ` ${window.mptfView.address("")}` : "";
    return [
      ...lines(`Source: UN MPTF Office Gateway${link ? `, ${link}` : ""}`, 130),
      ...lines(`UN pooled funds. ${window.mptfRelease.told}${served}`, 130),
    ];
  }

  // The whole picture: its title, its legend, and the chart above its sources.
  function specificationOf(plot, title, rows) {
    const { config: { autosize, ...config }, ...chart } = window.mptfCharts[plot.dataset.chart];
    const keys = Array.from(plot.closest("figure").querySelectorAll(".key"));
    const plain = { anchor: "start", fontWeight: "normal", color: "var(--muted)", fontSize: 12 };
    return light({
      description: title, background: "var(--paper)", padding: 16, config: config, datasets: { rows: rows },
      title: { text: lines(title, 80), anchor: "start", fontSize: 18, color: "var(--ink)", offset: 12 },
      vconcat: [
        legend(keys),
        { ...chart, width: WIDTH, height: 360, background: undefined,
          title: { ...plain, text: sources(), orient: "bottom", offset: 12 } },
      ],
    });
  }

  const usedClass = (element) => element.classList[element.classList.length - 1];

  // The map is drawn by Vega as well, from the outlines that stand in the page.
  function mapOf(figure, title) {
    const drawn = figure.querySelector("svg");
    const box = drawn.viewBox.baseVal;
    const scale = WIDTH / box.width;
    const keys = Array.from(figure.querySelectorAll(".legend li"));
    const note = figure.closest("section").querySelector(".note").textContent; // on boundaries
    const said = [figure.querySelector("figcaption p").textContent, ...lines(note, 130), ...sources()];
    const paint = (element) => ({ fill: `var(--${usedClass(element) === "mx" ? "paper" : usedClass(element)})` });
    const below = (row) => box.height * scale + 30 + 20 * row;
    const values = (elements, of) => Array.from(elements, (element, at) => ({ ...paint(element), ...of(element, at) }));
    const mark = (type, name, enter) => ({ type: type, from: { data: name }, encode: { enter: enter } });
    const fields = (...names) => Object.fromEntries(names.map((name) => [name, { field: name }]));
    const line = { stroke: { value: "var(--line)" }, strokeWidth: { value: 0.5 } };
    const words = { ...fields("x", "y", "text"), fontSize: { value: 13 }, baseline: { value: "middle" } };
    return light({
      $schema: "https://vega.github.io/schema/vega/v6.json", description: title, padding: 16,
      background: "var(--paper)", width: WIDTH, height: below(keys.length + said.length),
      title: { text: lines(title, 80), anchor: "start", fontSize: 18, color: "var(--ink)" },
      data: [
        { name: "outlines", values: values(drawn.querySelectorAll("path"), (path) => ({ path: path.getAttribute("d") })) },
        { name: "circles", values: values(drawn.querySelectorAll("circle"), (circle) => ({
          x: circle.cx.baseVal.value * scale, y: circle.cy.baseVal.value * scale })) },
        { name: "keys", values: values(figure.querySelectorAll(".swatch"), (_, at) => ({ x: 8, y: below(at) })) },
        { name: "words", values: [
          ...keys.map((key, at) => ({ x: 26, y: below(at), text: key.textContent })),
          ...said.map((text, at) => ({ x: 0, y: below(keys.length + at), text: text })),
        ] },
      ],
      marks: [
        mark("path", "outlines", { ...fields("path", "fill"), ...line, scaleX: { value: scale }, scaleY: { value: scale } }),
        mark("symbol", "circles", { ...fields("x", "y", "fill"), ...line, size: { value: 70 } }),
        mark("symbol", "keys", { ...fields("x", "y", "fill"), ...line, size: { value: 200 }, shape: { value: "square" } }),
        mark("text", "words", { ...words, fill: { value: "var(--muted)" } }),
      ],
    });
  }

  async function save(name, specification, ending) {
    const renderer = ending === "svg" ? "svg" : "none"; // view.toSVG() sets styles, which the page forbids
    const options = { ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: renderer, logLevel: 1 };
    const drawing = document.createElement("div");
    const { view } = await window.vegaEmbed(drawing, specification, options);
    const file = window.mptfDownloads.fileName(name, ending);
    if (ending === "svg") {
      const svg = new XMLSerializer().serializeToString(drawing.querySelector("svg"));
      window.mptfDownloads.save(file, new Blob([svg], { type: "image/svg+xml" }));
    } else {
      const canvas = await view.toCanvas(2);
      canvas.toBlob((image) => window.mptfDownloads.save(file, image), "image/png");
    }
    view.finalize();
  }

  function offer(figure, name, specificationNow) {
    const tools = document.createElement("p");
    tools.className = "tools";
    for (const ending of ["png", "svg"]) {
      const saving = () => save(name, specificationNow(), ending);
      tools.append(window.mptfDownloads.button(ending.toUpperCase(), saving));
    }
    const place = figure.closest("section").querySelector("h2").id;
    tools.append(window.mptfView.copier(() => window.mptfView.address(place), "Copy link"));
    figure.append(tools);
  }

  // Adds the buttons below a chart: `title` and `rows` return what is drawn now.
  function ofChart(plot, title, rows) {
    offer(plot.closest("figure"), plot.dataset.chart, () => specificationOf(plot, title(), rows()));
  }

  for (const map of document.querySelectorAll("figure.map")) {
    offer(map, "map", () => mapOf(map, `${document.querySelector("h1").textContent}, in US$`));
  }
  return { ofChart };
})();
