// Filters above long tables: words that a row must have, its year and its basis. They hide rows of this page, say
// how many are left, and stand in the address, so that a filtered table can be sent to others.
"use strict";
(function () {
  const LONG = 10; // rows, from which on a table has filters
  const PAUSE = 150; // milliseconds without a key, after which the words count
  const NAMES = { interim: "interim", year_end: "year-end", mixed: "part interim" };
  const tables = window.mptfTables, view = window.mptfView;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const counted = (number) => number.toLocaleString("en-US");

  function labelled(text, field) {
    const pair = document.createElement("span");
    const label = document.createElement("label");
    label.textContent = text;
    label.htmlFor = field.id;
    pair.append(label, " ", field);
    return pair;
  }

  function selection(options) {
    const field = document.createElement("select");
    field.add(new Option("all", ""));
    for (const [value, name] of options) field.add(new Option(name, value));
    return field;
  }

  // Each filter: its name in the address, its label, its field, and whether a row passes a value.
  function words(rows) {
    const texts = new Map(); // of each row, as it is compared
    const field = document.createElement("input");
    field.type = "search";
    field.autocomplete = "off";
    const textOf = (row) => {
      if (!texts.has(row)) {
        texts.set(row, plain(Array.from(row.cells, (cell) => `${cell.textContent} ${tables.valueOf(cell)}`).join("\n")));
      }
      return texts.get(row);
    };
    const passes = (row, value) => plain(value).split(/\s+/).every((word) => textOf(row).includes(word));
    return { name: "find", label: "Rows with", field, passes };
  }

  function years(rows, headings) {
    const at = headings.findIndex((heading) => heading.dataset.column === "fiscal_year");
    const yearOf = (row) => tables.valueOf(row.cells[at]);
    const found = at < 0 ? [] : [...new Set(rows.map(yearOf))].filter(Boolean).sort().reverse();
    if (found.length < 2 || found.length === rows.length) return null; // a row for each needs no choice
    const field = selection(found.map((year) => [year, year]));
    return { name: "year", label: "Year", field, passes: (row, value) => yearOf(row) === value };
  }

  function bases(rows, headings) {
    const at = headings.flatMap((heading, place) => ("basis" in heading.dataset || heading.dataset.column === "basis" ? [place] : []));
    const told = (cell) => (headings[cell.cellIndex].dataset.column === "basis" ? tables.valueOf(cell) : tables.basisOf(cell));
    const basesOf = (row) => new Set(at.map((place) => told(row.cells[place])));
    const found = new Set(rows.flatMap((row) => [...basesOf(row)]));
    const options = Object.entries(NAMES).filter(([basis]) => found.has(basis));
    if (options.length < 2) return null;
    return { name: "basis", label: "Basis", field: selection(options), passes: (row, value) => basesOf(row).has(value) };
  }

  function addFilters(table) {
    const rows = tables.allRowsOf(table), headings = tables.headingsOf(table);
    const filters = [words(rows), years(rows, headings), bases(rows, headings)].filter(Boolean);
    const count = document.createElement("span");
    count.setAttribute("role", "status");

    function apply() {
      const chosen = filters.filter(({ field }) => field.value.trim() !== "");
      let shown = 0;
      for (const row of rows) {
        row.hidden = !chosen.every(({ field, passes }) => passes(row, field.value.trim()));
        if (!row.hidden) shown += 1;
      }
      count.textContent = chosen.length ? `${counted(shown)} of ${counted(rows.length)} rows` : `${counted(rows.length)} rows`;
      table.dispatchEvent(new Event("rows"));
      return table;
    }

    const bar = document.createElement("div");
    bar.className = "filters";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", `Filter: ${table.caption.textContent}`);
    let waiting; // words that were typed just now count at the latest with the next choice
    const choose = () => {
      for (const { field } of filters) {
        const value = field.value.trim();
        if (value !== (view.get(field.id) ?? "")) view.set(field.id, value);
      }
    };
    for (const { name, label, field } of filters) {
      field.id = `${name}-${tables.nameOf(table)}`;
      field.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(choose, field.type === "search" ? PAUSE : 0);
      });
      bar.append(labelled(label, field));
      view.hold(field.id, (value) => {
        if (field.value.trim() !== (value ?? "")) field.value = value ?? "";
        return apply();
      });
    }
    bar.append(count);
    table.closest(".scroll").before(bar);
    if (!count.textContent) count.textContent = `${counted(rows.length)} rows`;
  }

  for (const table of tables.all) {
    if (table.classList.contains("sortable") && table.tBodies[0].rows.length > LONG) addFilters(table);
  }
})();
