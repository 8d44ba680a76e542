"use strict";
/* Shows the view that the address names, and follows it; watches for a newer build where the page is served live. */
(async () => {
  const { h, address, load, place, records, reload, views } = heurigym;
  const REFRESH_MS = 3000;
  const main = document.getElementById("main");

  const board = await load("board");
  board.overall = records(board.overall);
  board.results = records(board.results);
  let turn = 0;

  function links(view) {
    document.getElementById("views").replaceChildren(
      ...Object.entries(views)
        .filter(([, each]) => each.title && !(each.hidden && each.hidden(board)))
        .map(([name, each]) => h("a", { href: address(name), "aria-current": name === view || views[view].parent === name ? "page" : null }, each.title)));
  }

  async function show(moved) {
    const mine = ++turn;
    const where = place();
    if (!Object.hasOwn(views, where.view)) where.view = "ranking";
    links(where.view);
    let content;
    try {
      content = await views[where.view].render(board, where);
    } catch (error) {
      content = [h("h1", {}, "This cannot be shown"), h("p", {}, error.message)];
    }
    if (mine !== turn) return;
    const focus = focused();
    main.replaceChildren(...content.flat().filter(Boolean));
    main.dataset.view = where.view;
    if (moved) {
      window.scrollTo(0, 0);
      main.focus({ preventScroll: true });
    } else {
      restore(focus);
    }
    document.title = `${main.querySelector("h1")?.textContent ?? ""} · HeuriGym leaderboard`;
  }

  /* A view is rendered anew when an option changes; who types or tabs must not notice. */
  function focused() {
    const element = document.activeElement;
    if (!main.contains(element) || element === main) return null;
    const all = [...main.querySelectorAll(element.tagName)];
    return { tag: element.tagName, name: element.name, index: all.indexOf(element), at: element.selectionStart };
  }

  function restore(focus) {
    if (!focus) return;
    const all = [...main.querySelectorAll(focus.tag)];
    const element = (focus.name && all.find((each) => each.name === focus.name)) || all[focus.index];
    element?.focus({ preventScroll: true });
    if (focus.tag === "INPUT") element?.setSelectionRange(focus.at, focus.at);
  }

  function theme() {
    const root = document.documentElement;
    const stored = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
    if (stored) root.dataset.theme = stored;
    document.getElementById("theme").addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a page from disk may have no storage */ }
    });
  }

  async function watch() {
    try {
      if ((await reload("stamp")) !== board.stamp) location.reload();
    } catch { /* the server has stopped, or is writing; the next look will tell */ }
    setTimeout(watch, REFRESH_MS);
  }

  theme();
  window.addEventListener("hashchange", () => show(true));
  window.addEventListener("heurigym:moved", () => show(false));
  await show(false);
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
  if (document.documentElement.dataset.live) watch();
})();
