// The view that a reader has chosen, as `name=value&…` behind the address's #, so that it can be
// sent to others. Scripts hold their parts of it, several perhaps the same part:
//   mptfView.hold(name, show)    calls show(value) now if the address has a value, and whenever the
//                                value changes; with null where it is taken out. show returns the
//                                element to which an opened address scrolls, or nothing
//   mptfView.set(name, value)    puts a choice into the address; null or "" takes it out
//   mptfView.get(name)           the value, or null
//   mptfView.address(place)      the page's address with all choices, or else with a place on it
//   mptfView.copier(text, name)  a button of that name that copies what text() returns
"use strict";
window.mptfView = (function () {
  const shows = new Map();
  let chosen = said();
  let opened = null; // the element to which the address scrolls, once all scripts have run

  // An address may end with a place on the page instead: it has no `=`, and changes no view.
  function said() {
    return new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  }

  const get = (name) => chosen.get(name);

  function open(name, show) {
    const changed = show(get(name));
    if (!(changed instanceof Element) || get(name) === null) return;
    opened = changed;
    if (document.readyState === "complete") scroll();
  }

  const scroll = () => opened?.scrollIntoView({ block: "center" });

  function hold(name, show) {
    shows.set(name, [...(shows.get(name) ?? []), show]);
    if (get(name) !== null) open(name, show);
  }

  function set(name, value) {
    if (value === null || value === "") chosen.delete(name);
    else chosen.set(name, value);
    history.replaceState(null, "", address(""));
    for (const show of shows.get(name) ?? []) show(get(name));
  }

  function address(place) {
    const end = String(chosen) || place;
    return location.href.replace(/#.*/s, "") + (end && `#${end}`);
  }

  addEventListener("load", scroll);
  addEventListener("hashchange", () => {
    if (location.hash && !location.hash.includes("=")) return;
    chosen = said();
    for (const [name, held] of shows) held.forEach((show) => open(name, show));
  });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // where the clipboard is closed: select the text, and try as of old
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "vh";
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }

  function copier(text, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      await copy(text());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = name; }, 2000);
    });
    return button;
  }

  return { hold, set, get, address, copier };
})();
