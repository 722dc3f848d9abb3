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
      .replace(/var\((--[a-z-]+)\)/g, (_, name) => colours.getPropertyValue(name).trim());
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

  async function save(plot, title, rows, ending) {
    const renderer = ending === "svg" ? "svg" : "none"; // view.toSVG() sets styles, which the page forbids
    const options = { ast: true, actions: false, defaultStyle: false, tooltip: false, renderer: renderer, logLevel: 1 };
    const drawing = document.createElement("div");
    const { view } = await window.vegaEmbed(drawing, specificationOf(plot, title, rows), options);
    const name = window.mptfDownloads.fileName(plot.dataset.chart, ending);
    if (ending === "svg") {
      const svg = new XMLSerializer().serializeToString(drawing.querySelector("svg"));
      window.mptfDownloads.save(name, new Blob([svg], { type: "image/svg+xml" }));
    } else {
      const canvas = await view.toCanvas(2);
      canvas.toBlob((image) => window.mptfDownloads.save(name, image), "image/png");
    }
    view.finalize();
  }

  // Adds the buttons below a chart: `title` and `rows` return what is drawn now.
  function offer(plot, title, rows) {
    const tools = document.createElement("p");
    tools.className = "tools";
    for (const ending of ["png", "svg"]) {
      const saving = () => save(plot, title(), rows(), ending);
      tools.append(window.mptfDownloads.button(ending.toUpperCase(), saving));
    }
    const place = plot.closest("section").querySelector("h2").id;
    tools.append(window.mptfView.copier(() => window.mptfView.address(place), "Copy link"));
    plot.closest("figure").append(tools);
  }

  return { offer };
})();
