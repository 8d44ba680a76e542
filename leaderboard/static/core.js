"use strict";
/* The page's one global. Data arrives through heurigym.receive; all of it is untrusted text, which reaches the page
   through textContent and never as markup, and never as the target of a link. */
const heurigym = (() => {
  const slots = new Map();

  function slot(key) {
    if (!slots.has(key)) {
      const made = { asked: false };
      made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
      slots.set(key, made);
    }
    return slots.get(key);
  }

  /* Called by the scripts in data/, which hold JSON text: scripts load from disk too, where fetching cannot. */
  function receive(key, text) {
    slot(key).resolve(JSON.parse(text));
  }

  /* The data of data/KEY.js, loaded once. */
  function load(key) {
    const made = slot(key);
    if (!made.asked && key !== "board") {
      made.asked = true;
      addScript(`data/${key}.js`, () => made.reject(new Error(`data/${key}.js cannot be loaded`)));
    }
    return made.promise;
  }

  /* The data of data/KEY.js as it is now, past every cache. */
  function reload(key) {
    slots.delete(key);
    const made = slot(key);
    made.asked = true;
    addScript(`data/${key}.js?at=${Date.now()}`, () => made.reject(new Error("gone")));
    return made.promise;
  }

  function library(name) {
    const key = `library ${name}`;
    const made = slot(key);
    if (!made.asked) {
      made.asked = true;
      addScript(`static/vendor/${name}.min.js`, () => made.reject(new Error(`${name} cannot be loaded`)), made.resolve);
    }
    return made.promise;
  }

  function addScript(source, onError, onLoad) {
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("error", onError);
    script.addEventListener("load", () => {
      script.remove();
      if (onLoad) onLoad();
    });
    document.head.append(script);
  }

  /* An element. Children that are no nodes become text; attributes that are null or false are left out. */
  function h(tag, attributes, ...children) {
    return fill(document.createElement(tag), attributes, children);
  }

  function svg(tag, attributes, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
  }

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") element.addEventListener(name, value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  /* Where the page is: the view, its arguments and its options, all kept in the address, so that a link shows what
     its sender saw and a reload loses nothing. */
  function place() {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const [view, ...rest] = path.split("/").map((part) => decode(part));
    return { view: view || "ranking", rest, options: new URLSearchParams(query || "") };
  }

  function decode(part) {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }

  function address(view, rest = [], options = {}) {
    const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value !== null && value !== ""));
    const path = [view, ...rest].map((part) => encodeURIComponent(part)).join("/");
    return `#/${path}${query.size ? `?${query}` : ""}`;
  }

  /* Change options of the view that is shown; the page follows. */
  function choose(changes) {
    const { view, rest, options } = place();
    history.replaceState(null, "", address(view, rest, { ...Object.fromEntries(options), ...changes }));
    window.dispatchEvent(new Event("heurigym:moved"));
  }

  /* Rows as objects, from names and arrays. */
  function records({ names, rows }) {
    return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  }

  const number = (value, digits = 3) => (value === null || value === undefined ? "–" : value.toFixed(digits));

  function compact(value) {
    if (value === null || value === undefined) return "–";
    if (value === 0 || Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
    return Number(value.toPrecision(6)).toString();
  }

  const count = (value) => (value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en"));

  function money(value) {
    if (value === null || value === undefined) return "unknown";
    return value === 0 ? "0" : value < 0.1 ? value.toFixed(4) : value.toFixed(2);
  }

  const key = (row) => [row.model, row.strategy, row.variant].join("\u0000");

  function title(row) {
    return [row.model, row.strategy === "refine" ? "" : row.strategy, row.variant].filter(Boolean).join(" · ");
  }

  /* A name that wraps where its parts end, and not within a word. */
  function wrapped(text) {
    return text.split(/(?<=[/:·])|(?=-)/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
  }

  /* Marks for what is not a language model, or not official. */
  function marks(row) {
    return [
      row.is_script && h("span", { class: "mark script", title: "a script or a replay, not a language model" }, "script"),
      row.official === false &&
        h("span", { class: "mark unofficial", title: "ran outside an official sandbox" }, "unofficial"),
    ].filter(Boolean);
  }

  function states(row) {
    return ["running", "failed", "unjudged", "waiting"].filter((name) => row[name]).map((name) => `${row[name]} ${name}`);
  }

  /* A labelled choice that is kept in the address. */
  function select(label, name, choices, current) {
    const element = h(
      "select",
      { name, change: () => choose({ [name]: element.value }) },
      choices.map(([value, text]) => h("option", { value, selected: value === current }, text)),
    );
    return h("label", { class: "choice" }, h("span", {}, label), element);
  }

  return {
    receive, load, reload, library, h, svg, place, address, choose, records, number, compact, count, money, key, title,
    wrapped, marks, states, select, views: {},
  };
})();
