// Below each table: its CSV, whole and as seen, a link to the view, and on a phone all columns.
// A CSV has the columns of the SQL beside the table, the values in full, and the basis of figures.
"use strict";
window.mptfDownloads = (function () {
  const tables = window.mptfTables, view = window.mptfView;

  // A spreadsheet would run a text that begins so as a formula.
  const harmless = (text) => (/^[=+@\t\r-]/.test(text) ? `'${text}` : text);
  const field = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  function valueOf(cell) {
    const value = tables.valueOf(cell);
    return cell.classList.contains("n") ? value : harmless(value);
  }

  // The basis of a row's figures, by the query's column that has it.
  function basesOf(row, headings, names) {
    const bases = Object.fromEntries(names.map((name) => [name, ""]));
    headings.forEach((heading, at) => {
      const name = heading.dataset.basis;
      if (name in bases) bases[name] ||= tables.basisOf(row.cells[at]);
    });
    return Object.values(bases);
  }

  function csv(table, rows) {
    const headings = tables.headingsOf(table);
    const columns = headings.map((heading) => heading.dataset.column);
    const bases = [...new Set(headings.map((heading) => heading.dataset.basis))]
      .filter((name) => name && !columns.includes(name));
    const lines = rows.map((row) => [...Array.from(row.cells, valueOf), ...basesOf(row, headings, bases)]);
    return [[...columns, ...bases], ...lines].map((line) => `${line.map(field).join(",")}\n`).join("");
  }

  // What a file is named after: the table or chart, the page, and the release.
  function fileName(name, ending) {
    const page = decodeURIComponent(location.pathname.split("/").pop()).replace(/\.html$/, "");
    const parts = name === page ? [name] : [name, page];
    return `${[...parts, window.mptfRelease.name].join("_")}.${ending}`;
  }

  function save(name, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function csvButton(table, text, ending, rows) {
    return button(text, () => {
      const name = fileName(tables.nameOf(table) + ending, "csv");
      save(name, new Blob([csv(table, rows())], { type: "text/csv;charset=utf-8" }));
    });
  }

  function allColumns(table) {
    const made = button("All columns", () => {
      const few = table.classList.toggle("few");
      made.setAttribute("aria-pressed", String(!few));
    });
    table.classList.add("few");
    made.setAttribute("aria-pressed", "false");
    made.className = "columns";
    return made;
  }

  for (const table of tables.all) {
    const tools = tables.toolsOf(table);
    const whole = tables.allRowsOf(table);
    const seen = csvButton(table, "CSV as seen", "-as-seen", () => tables.rowsOf(table));
    const differs = () => {
      const rows = tables.rowsOf(table);
      seen.hidden = rows.length === whole.length && rows.every((row, at) => row === whole[at]);
    };
    table.addEventListener("rows", differs);
    differs();
    const made = [
      csvButton(table, "CSV", "", () => whole), seen, view.copier(() => view.address(table.id), "Copy link"),
    ];
    if (/\bless-/.test(table.className)) made.unshift(allColumns(table));
    tools.prepend(...made);
  }
  return { fileName, save, button, csvButton, allColumns };
})();
