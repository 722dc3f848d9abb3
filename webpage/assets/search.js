// Finds programmes, funds, contributors, organizations and countries. The list comes in by scripts that call `mptfSearch.add`, since a page
// that was opened from a disk may fetch nothing. All that is shown is set as text.
"use strict";
window.mptfSearch = (function () {
  const AT_ONCE = 50;
  const KINDS = { p: "Programme", f: "Fund", c: "Contributor", o: "Organization", n: "Country" };
  const BY_NAME = "con"; // kinds whose ID is the name of a file, which nobody looks for
  const entries = [];
  const field = document.getElementById("find");
  const list = document.getElementById("results");
  let found = [];
  let shown = 0;

  // As it is compared: without case, accents, and the marks of what cannot be seen.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const bare = (id) => id.replace(/^0+/, "");

  function add(some) {
    for (const [kind, id, title, fund = "", country = "", organizations = []] of some) {
      const words = plain([BY_NAME.includes(kind) ? "" : id, title, fund, country, ...organizations].join(" \n "));
      entries.push({ kind, id, title, fund, country, organizations, words });
    }
  }

  // Exact IDs first, then IDs that begin so, then titles that have all the words, then the rest.
  function rank(entry, asked, words) {
    const id = BY_NAME.includes(entry.kind) ? plain(entry.title) : plain(entry.id);
    if (id === asked || (/^\d+$/.test(asked) && bare(id) === bare(asked))) return 0;
    if ((id.startsWith(asked) && !"on".includes(entry.kind)) || (/^\d+$/.test(asked) && bare(asked) && bare(id).startsWith(bare(asked)))) return 1;
    if (!words.every((word) => entry.words.includes(word))) return -1;
    const title = plain(entry.title);
    return words.every((word) => title.includes(word)) ? 2 : 3;
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function item(entry) {
    const li = document.createElement("li");
    const a = document.createElement("a");
    a.href = `${KINDS[entry.kind].toLowerCase()}/${entry.id}.html`;
    a.append(element("bdi", entry.title || entry.id));
    const told = [entry.country, ...entry.organizations.slice(0, 6)].filter(Boolean);
    const p = element("p", BY_NAME.includes(entry.kind) ? KINDS[entry.kind] : `${KINDS[entry.kind]} ${entry.id}`, "told");
    for (const text of told) p.append(" · ", element("bdi", text));
    li.append(a, p);
    return li;
  }

  function more() {
    list.append(...found.slice(shown, shown + AT_ONCE).map(item));
    shown = Math.min(found.length, shown + AT_ONCE);
    document.getElementById("more").hidden = shown >= found.length;
    const count = found.length === 0 ? "Nothing found by ID or name" : `${found.length.toLocaleString("en-US")} found`;
    document.getElementById("found").textContent = found.length > shown ? `${count}; the first ${shown} are shown` : count;
  }

  // Countries and organizations whose names have the words: each is a search of its own.
  function places(asked) {
    const counts = new Map();
    for (const entry of entries) {
      for (const name of [entry.country, ...entry.organizations]) {
        if (name && name.length < 100 && plain(name).includes(asked)) counts.set(name, (counts.get(name) || 0) + 1);
      }
    }
    const named = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 8);
    document.getElementById("places").replaceChildren(...named.map(([name, count]) => {
      const li = document.createElement("li");
      const a = document.createElement("a");
      a.href = `search.html?q=${encodeURIComponent(name)}`;
      a.append(element("bdi", name), ` (${count.toLocaleString("en-US")})`);
      li.append(a);
      return li;
    }));
  }

  function find() {
    const asked = plain(field.value.trim());
    const words = asked.split(/\s+/).filter(Boolean);
    list.replaceChildren();
    shown = 0;
    found = [];
    if (!words.length) {
      document.getElementById("found").textContent = "";
      document.getElementById("places").replaceChildren();
      document.getElementById("more").hidden = true;
      return;
    }
    found = entries
      .map((entry) => [rank(entry, asked, words), entry])
      .filter(([place]) => place >= 0)
      .sort((a, b) => a[0] - b[0])
      .map(([, entry]) => entry);
    places(asked);
    more();
  }

  document.getElementById("more").addEventListener("click", more);
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 120);
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  addEventListener("DOMContentLoaded", () => {
    field.value = new URLSearchParams(location.search).get("q") || "";
    find();
  });
  const title = (kind, id) => entries.find((entry) => entry.kind === kind && entry.id === id)?.title;
  return { add, title };
})();
