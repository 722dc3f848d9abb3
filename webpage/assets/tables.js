// Tables: the values behind their cells, and sorting. Without this script all is there to read.
//   mptfTables.valueOf(cell)  the cell's value as text, in full: "1234.5", "2016-06-15T03:04:00Z";
//                             "" if it is absent
//   mptfTables.rowsOf(table)  the rows as they are shown: in their order, without hidden ones
//   mptfTables.allRowsOf(table)  all of them, in their first order
//   mptfTables.toolsOf(table) the line below the table, for buttons and what they say
//   mptfTables.say(table, text)  says something there, to screen readers too
//   mptfTables.all            the page's tables
// What hides rows sets `row.hidden`, and then dispatches an event `rows` on the table.
"use strict";
window.mptfTables = (function () {
  const BASES = { "interim": "interim", "year-end": "year_end", "part interim": "mixed" };
  const all = Array.from(document.querySelectorAll("main table[id]"));
  const printed = new Map(); // the rows of a table in their first order

  const nameOf = (table) => table.id.replace("table-", "");
  const toolsOf = (table) => document.getElementById(`tools-${nameOf(table)}`);
  const headingsOf = (table) => Array.from(table.tHead.rows[0].cells);
  const columnOf = (cell) => headingsOf(cell.closest("table"))[cell.cellIndex].dataset.column;
  const rowsOf = (table) => Array.from(table.tBodies[0].rows).filter((row) => !row.hidden);
  const allRowsOf = (table) => printed.get(table) ?? Array.from(table.tBodies[0].rows);

  // A cell shows its value, unless it says otherwise in `data-value`.
  function valueOf(cell) {
    if (cell.dataset.value !== undefined) return cell.dataset.value;
    if (cell.querySelector(".na")) return "";
    const time = cell.querySelector("time");
    if (time) return time.getAttribute("datetime");
    if (cell.classList.contains("n")) {
      return cell.firstChild.textContent.replace(/[+, %]/g, "").replace("−", "-");
    }
    const link = cell.querySelector("a");
    if (link?.rel) return link.getAttribute("href"); // to the source
    if (link?.hash.startsWith("#c-")) { // to a capture, which is listed on the page with its whole ID
      return document.getElementById(link.hash.slice(1))?.textContent ?? link.hash.slice(3);
    }
    const text = cell.textContent;
    return columnOf(cell) === "basis" ? BASES[text] : text;
  }

  const basisOf = (cell) => BASES[cell.querySelector("small")?.textContent] ?? "";

  function keyOf(cell) {
    const value = valueOf(cell);
    if (value === "") return null;
    return cell.classList.contains("n") ? parseFloat(value) : value;
  }

  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  }

  // Sorts by a column, `-column` for the largest first; null brings back the first order.
  function sort(table, by) {
    const headings = headingsOf(table);
    const descending = by !== null && by.startsWith("-");
    const column = headings.findIndex((heading) => heading.dataset.column === by?.replace(/^-/, ""));
    headings.forEach((heading, at) => {
      heading.setAttribute("aria-sort", at !== column ? "none" : descending ? "descending" : "ascending");
    });
    if (!printed.has(table)) printed.set(table, allRowsOf(table));
    let rows = allRowsOf(table);
    if (column >= 0) {
      rows = Array.from(table.tBodies[0].rows, (row, place) => [keyOf(row.cells[column]), place, row])
        .sort((a, b) => compare(a[0], b[0], descending ? -1 : 1) || a[1] - b[1])
        .map((row) => row[2]);
    }
    table.tBodies[0].append(...rows);
    table.dispatchEvent(new Event("rows"));
    return table;
  }

  function say(table, text) {
    toolsOf(table).querySelector("[role=status]").textContent = text;
  }

  function makeSortable(table) {
    const held = `sort-${nameOf(table)}`;
    for (const heading of headingsOf(table)) {
      const name = heading.dataset.column;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => { // up, down, and as it was
        const now = heading.getAttribute("aria-sort");
        window.mptfView.set(held, now === "none" ? name : now === "ascending" ? `-${name}` : null);
      });
    }
    window.mptfView.hold(held, (by) => sort(table, by));
  }

  for (const table of all) {
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    toolsOf(table).append(status);
    if (table.classList.contains("sortable") && table.tBodies[0].rows.length > 1) makeSortable(table);
  }
  return { all, nameOf, toolsOf, say, headingsOf, rowsOf, allRowsOf, valueOf, basisOf };
})();
