// Returns every table that prints something, as Chromium lays it out: its cells with their places
// on the screen, and the texts in them that are seen.
//
// A whole table that is hidden shows another choice of its reader (`Report by`), so it is shown
// first, with all that stands around it. Whatever is hidden within a table stays so, and rows
// with aria-hidden count as hidden.
() => {
  const DISPLAYS = { TABLE: "table", TBODY: "table-row-group", TR: "table-row", TD: "table-cell" };
  const show = (element) => {
    const computed = getComputedStyle(element);
    const style = element.style;
    if (computed.display === "none")
      style.setProperty("display", DISPLAYS[element.tagName] ?? "block", "important");
    if (computed.visibility !== "visible") style.setProperty("visibility", "visible", "important");
    if (computed.opacity === "0") style.setProperty("opacity", "1", "important");
    if (element.tagName === "DETAILS") element.open = true;
  };
  const ownCells = (table) =>
    [...table.querySelectorAll("td, th")].filter((cell) => cell.closest("table") === table);
  const measure = /^[^.]{0,20}(expenditure|transfer|refund|budget|funded|delivery)[^.]{0,20}$/i;
  const isOfFigures = (table) =>
    ownCells(table).some((cell) => measure.test(cell.textContent.trim()));
  const isWithinOne = (table) => {
    const around = table.parentElement.closest("table");
    return around !== null && (isOfFigures(around) || isWithinOne(around));
  };
  for (const table of document.querySelectorAll("table")) {
    const isFigures = isOfFigures(table) && !isWithinOne(table);
    for (let at = isFigures ? table : null; at !== null; at = at.parentElement) show(at);
  }
  const isSeen = (element, table) => {
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    for (let at = element; at !== null && at !== table; at = at.parentElement) {
      if (getComputedStyle(at).textDecorationLine.includes("line-through")) return false;
      if (/^(TR|TBODY|THEAD|TFOOT)$/.test(at.tagName) && at.ariaHidden === "true") return false;
    }
    return true;
  };
  const runsOf = (cell, table) => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const runs = [];
    const range = document.createRange();
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      range.selectNodeContents(node);
      const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
      if (boxes.length === 0 || !isSeen(node.parentElement, table)) continue;
      const inner = node.parentElement.closest("td, th");
      const link = node.parentElement.closest("a[href]");
      runs.push({
        text: node.data,
        size: parseFloat(getComputedStyle(node.parentElement).fontSize),
        top: Math.min(...boxes.map((box) => box.top)),
        bottom: Math.max(...boxes.map((box) => box.bottom)),
        box: inner === cell ? -1 : [...cell.querySelectorAll("td, th")].indexOf(inner),
        link: link !== null && cell.contains(link) ? link.getAttribute("href") : "",
      });
    }
    return runs;
  };
  return [...document.querySelectorAll("table")].map((table) => {
    const own = ownCells(table);
    const rows = [...table.rows].map((row) => row.getBoundingClientRect());
    const cells = own.map((cell) => {
      const box = cell.getBoundingClientRect();
      const style = getComputedStyle(cell);
      const seen = style.display !== "none" && box.width > 0 && box.height > 0;
      return {
        left: box.left, right: box.right, top: box.top, bottom: box.bottom,
        is_heading: cell.tagName === "TH",
        inner: cell.innerText,
        runs: seen ? runsOf(cell, table) : [],
      };
    });
    return {
      rows: rows.filter((row) => row.height > 0).map((row) => [row.top, row.bottom]),
      cells: cells.filter((cell) => cell.right > cell.left && cell.bottom > cell.top),
    };
  });
}
