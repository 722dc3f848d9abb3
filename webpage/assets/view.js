// The view that a reader has chosen, as `name=value&…` behind the address's #, so that it can be
// sent to others. Other scripts hold their part of it:
//   mptfView.hold(name, show)  calls show(value), or show(null) where the address has none, at once and
//                              whenever the address is changed; show returns the element that it
//                              changed, which is scrolled to, or nothing
//   mptfView.set(name, value)  puts what was chosen into the address; null or "" takes it out
//   mptfView.get(name)         what the address has, or null
"use strict";
window.mptfView = (function () {
  const shows = new Map();
  let chosen = said();

  // An address may end with a place on the page instead: it has no `=`, and changes no view.
  function said() {
    return location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)) : null;
  }

  const get = (name) => chosen?.get(name) ?? null;

  function show(name) {
    const value = get(name);
    const changed = shows.get(name)(value);
    if (value !== null && changed) changed.scrollIntoView({ block: "center" });
  }

  function hold(name, how) {
    shows.set(name, how);
    if (get(name) !== null) show(name);
  }

  function set(name, value) {
    chosen ??= new URLSearchParams();
    if (value === null || value === "") chosen.delete(name);
    else chosen.set(name, value);
    const address = chosen.size ? `#${chosen}` : location.pathname + location.search;
    history.replaceState(null, "", address);
  }

  addEventListener("hashchange", () => {
    const now = said();
    if (now === null && location.hash) return;
    chosen = now;
    for (const name of shows.keys()) show(name);
  });
  return { hold, set, get };
})();
