// What was known on a day, and what changed until another. The days are those of the address
// (`known-on`, `compared-with`, `known-measure`); figures.js and sums.js say what is known of what:
//   mptfKnown.show(told)  shows the choice of days. `told` has
//     days          the days on which something changed, in order
//     measures      column and name of each measure that can be compared
//     known(day)    columns and rows of what was known at the end of a day
//     compared(from, to, measure)  the same of what changed, and in `same` how many rows did not
//     note          what it leaves out
//     end(day)      the day whose end is told for a day, where that is another
//   A column is [name, heading, kind, basis]: kind is head, text, usd, pct, count, day, capture or
//   note; basis names the column of its basis. A cell is its value, or [value, basis].
"use strict";
window.mptfKnown = (function () {
  const view = window.mptfView, downloads = window.mptfDownloads;
  const BASES = { interim: "interim", year_end: "year-end", mixed: "part interim" };
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]; // as on the page
  const MAIN = ["organization", "what", "expenditure_usd", "change"]; // a phone shows these and the first column at first
  const NUMBERS = ["usd", "pct", "count", "change"];

  const dayText = (day) => `${Number(day.slice(8))} ${MONTHS[day.slice(5, 7) - 1]} ${day.slice(0, 4)}`;
  const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text));

  // Decimals are added and subtracted as whole numbers of ten-thousandths.
  function scaled(text) {
    const [whole, decimals = ""] = text.replace("-", "").split(".");
    return BigInt(whole + decimals.padEnd(4, "0")) * (text.startsWith("-") ? -1n : 1n);
  }

  function unscaled(number) {
    const digits = String(number < 0n ? -number : number).padStart(5, "0");
    return `${number < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, "");
  }

  const sum = (texts) => {
    const known = texts.filter((text) => text !== null);
    return known.length ? unscaled(known.reduce((all, text) => all + scaled(text), 0n)) : null;
  };
  const change = (before, after) =>
    (before === null || after === null ? null : unscaled(scaled(after) - scaled(before)));

  // As the page writes numbers: -1234.5 as −1,234.50, a rate as 61.2 %.
  function written(value, kind) {
    let [whole, decimals = ""] = String(value).split(".");
    whole = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
    if (kind === "pct") return `${whole}${decimals && `.${decimals}`} %`;
    const sign = kind === "change" && !whole.startsWith("−") && value !== "0" ? "+" : "";
    return `${sign}${whole}${decimals && `.${decimals.padEnd(2, "0")}`}`;
  }

  function make(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function absent() {
    const made = make("span", "na", "—");
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", "not known then");
    return made;
  }

  function cellOf(given, [, , kind]) {
    const [value, basis] = Array.isArray(given) ? given : [given, null];
    const cell = make(kind === "head" ? "th" : "td");
    if (kind === "head") cell.scope = "row";
    if (NUMBERS.includes(kind)) cell.className = basis ? `n ${basis[0]}` : "n";
    if (value === null) {
      if (kind !== "note") cell.append(absent());
      return cell;
    }
    if (NUMBERS.includes(kind)) {
      cell.append(written(value, kind));
      cell.dataset.value = value;
      if (basis) cell.append(make("small", "", BASES[basis]));
    } else if (kind === "day") {
      const time = make("time", "", dayText(value));
      time.dateTime = value;
      cell.className = "d";
      cell.append(time);
    } else if (kind === "capture") {
      const listed = document.getElementById(`c-${value}`);
      const shown = make(listed ? "a" : "code", "id", value.slice(0, 8));
      if (listed) shown.href = `#c-${value}`;
      else cell.dataset.value = value;
      cell.append(shown);
    } else {
      if (kind === "note") cell.className = "w";
      cell.append(make("bdi", "", String(value)));
    }
    return cell;
  }

  function tableOf(caption, columns, rows) {
    const table = make("table");
    table.id = "table-known";
    table.className = columns.flatMap(([name], at) => (at && !MAIN.includes(name) ? [`less-${at + 1}`] : [])).join(" ");
    const named = table.createCaption();
    named.id = "caption-known";
    named.textContent = caption;
    const heads = table.createTHead().insertRow();
    for (const [name, heading, kind, basis] of columns) {
      const head = make("th", NUMBERS.includes(kind) ? "n" : "", heading);
      head.scope = "col";
      head.dataset.column = name;
      if (basis) head.dataset.basis = basis;
      heads.append(head);
    }
    const body = table.createTBody();
    for (const row of rows) body.insertRow().append(...row.map((value, at) => cellOf(value, columns[at])));
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-labelledby", named.id);
    scroll.append(table);
    return scroll;
  }

  function show(told) {
    const find = (id) => document.getElementById(id);
    const on = find("known-on"), other = find("compared-with"), measure = find("known-measure");
    const earlier = find("known-earlier"), later = find("known-later");
    const details = find("sql-known").parentElement, code = details.querySelector("code");
    const query = code.textContent;
    const newest = window.mptfRelease.newest_capture?.slice(0, 10) ?? told.days.at(-1);
    for (const field of [on, other]) {
      if (told.days.length) field.min = `${told.days[0].slice(0, 4)}-01-01`;
      field.max = newest;
    }
    for (const [name, text] of told.measures) measure.add(new Option(text, name));

    const end = told.end ?? ((day) => day);

    function compare(from, to) {
      const column = measure.value || told.measures[0][0];
      const name = told.measures.find(([each]) => each === column)[1];
      const { columns, rows, same } = told.compared(from, to, column);
      const left = same ? ` ${same} of ${same + rows.length} rows are the same on both days, and not listed.` : "";
      return { columns, rows, said: left,
        caption: `What changed from ${dayText(from)} to ${dayText(to)}: ${name}` };
    }

    function render() {
      const days = [view.get("known-on"), view.get("compared-with")].filter(isDay).map(end).sort();
      const both = days.length === 2 && days[0] !== days[1];
      on.value = isDay(view.get("known-on")) ? view.get("known-on") : "";
      other.value = isDay(view.get("compared-with")) ? view.get("compared-with") : "";
      measure.value = told.measures.some(([name]) => name === view.get("known-measure"))
        ? view.get("known-measure") : told.measures[0][0];
      measure.parentElement.hidden = !both;
      details.hidden = !days.length;
      earlier.disabled = !told.days.some((day) => day < (on.value || "9999"));
      later.disabled = !told.days.some((day) => day > (on.value && end(on.value)));
      const rows = find("known-rows"), tools = find("tools-known");
      rows.replaceChildren();
      tools.replaceChildren();
      const asked = view.get("known-on") ?? view.get("compared-with");
      find("known-said").textContent = asked !== null && !days.length ? "The address names no day." : "";
      if (!days.length) return null;
      code.textContent = days.map((day) => query.replace(/DATE '[\d-]+'/g, `DATE '${day}'`)).join("\n\n");
      const made = both ? compare(...days)
        : { ...told.known(days[0]), said: "", caption: `As known on ${dayText(days[0])}, in US$` };
      const late = days.at(-1) > newest ? ` The newest page in this release was seen on ${dayText(newest)}.` : "";
      const none = made.rows.length ? "" : both ? "Nothing changed between these days." : "Nothing was known then.";
      find("known-said").textContent = `${none}${made.said}${late} ${told.note}`.trim();
      if (!made.rows.length) return on;
      rows.append(tableOf(made.caption, made.columns, made.rows));
      const table = find("table-known");
      const ending = both ? `-${days[0]}-to-${days[1]}` : `-on-${days[0]}`;
      tools.append(
        downloads.allColumns(table),
        downloads.csvButton(table, "CSV", ending, () => Array.from(table.tBodies[0].rows)),
        view.copier(() => view.address("known"), "Copy link"),
      );
      return on;
    }

    on.addEventListener("change", () => view.set("known-on", on.value));
    other.addEventListener("change", () => view.set("compared-with", other.value));
    measure.addEventListener("change", () => view.set("known-measure", measure.value));
    earlier.addEventListener("click", () =>
      view.set("known-on", told.days.findLast((day) => day < (on.value || "9999"))));
    later.addEventListener("click", () => view.set("known-on", told.days.find((day) => day > (on.value && end(on.value)))));
    render();
    for (const name of ["known-on", "compared-with", "known-measure"]) view.hold(name, render);
    on.closest("section").hidden = false;
  }

  return { show, change, sum };
})();
