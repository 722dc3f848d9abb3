// Rows that can be chosen, by a click or with the arrow keys and Enter: the address then names the
// row by the values that tell it from others, such as its year and organization.
"use strict";
(function () {
  const tables = window.mptfTables, view = window.mptfView;

  function makeChoosable(table) {
    const keys = tables.headingsOf(table).flatMap((heading, at) => ("key" in heading.dataset ? [at] : []));
    if (!keys.length || !table.tBodies[0].rows.length) return;
    const held = `row-${tables.nameOf(table)}`;
    const nameOf = (row) => keys.map((at) => tables.valueOf(row.cells[at])).join(",");
    let current = table.tBodies[0].rows[0]; // which Tab reaches

    function reach(row) {
      current.tabIndex = -1;
      current = row;
      row.tabIndex = 0;
    }

    function step(from, forward) {
      const rows = tables.rowsOf(table);
      const to = rows[rows.indexOf(from) + (forward ? 1 : -1)];
      if (!to) return;
      reach(to);
      to.focus();
    }

    const choose = (row) => view.set(held, row.hasAttribute("aria-current") ? null : nameOf(row));

    table.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (!event.target.closest("a, button, details") && getSelection().isCollapsed) choose(row);
    });
    table.tBodies[0].addEventListener("keydown", (event) => {
      if (event.target.tagName !== "TR") return;
      if (event.key === "Enter" || event.key === " ") choose(event.target);
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.target, event.key === "ArrowDown");
      else return;
      event.preventDefault();
    });
    table.addEventListener("rows", () => { // a filter may hide the row that Tab reaches
      const [first] = tables.rowsOf(table);
      if (current.hidden && first) reach(first);
    });
    table.classList.add("choosable");
    reach(current);
    view.hold(held, (value) => {
      table.querySelector("tr[aria-current]")?.removeAttribute("aria-current");
      const row = value === null ? null : tables.allRowsOf(table).find((each) => nameOf(each) === value);
      tables.say(table, value !== null && !row ? "The address names a row that is not in this table." : "");
      if (!row) return value === null ? null : table;
      row.setAttribute("aria-current", "true");
      reach(row);
      return row;
    });
  }

  tables.all.forEach(makeChoosable);
})();
