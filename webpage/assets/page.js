// Tables that can be sorted, and SQL that can be copied. Without this script all is there to read.
"use strict";
(function () {
  // What a cell is sorted by: its time, its number, or its text; absent values always come last.
  function keyOf(cell) {
    if (!cell || cell.querySelector(".na") || cell.textContent.trim() === "") return null;
    const time = cell.querySelector("time");
    if (time) return time.getAttribute("datetime");
    if (cell.classList.contains("n")) {
      return parseFloat(cell.firstChild.textContent.replace(/[, ]/g, "").replace("−", "-"));
    }
    return cell.textContent.trim();
  }

  function compare(a, b, sign) {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), "en", { numeric: true });
  }

  function sort(table, heading, column) {
    const ascending = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) {
      other.setAttribute("aria-sort", other !== heading ? "none" : ascending ? "ascending" : "descending");
    }
    const rows = Array.from(table.tBodies[0].rows, (row, place) => [keyOf(row.cells[column]), place, row]);
    rows.sort((a, b) => compare(a[0], b[0], ascending ? 1 : -1) || a[1] - b[1]);
    table.tBodies[0].append(...rows.map((row) => row[2]));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, heading, column));
    });
  }

  async function copy(pre, button) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      getSelection().selectAllChildren(pre); // where the clipboard is closed: select it, and try as of old
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  for (const pre of document.querySelectorAll("details.sql pre")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(pre, button));
    pre.before(button);
  }
})();
