"use strict";
/* Tables that sort and filter, and the interval that is drawn in a cell. */
(() => {
  const { h, svg, choose, number } = heurigym;

  /* A table. A column has a name, a title, a meaning, value(row) to sort by and cell(row) to show; `sort` is the name
     of a column, after a minus for descending. Sorting is kept in the address. */
  heurigym.table = ({ caption, columns, rows, sort, id }) => {
    const descending = sort.startsWith("-");
    const by = columns.find((column) => column.name === sort.replace(/^-/, "")) || columns[0];
    const ordered = [...rows].sort((first, second) => compare(by.value(first), by.value(second), descending));
    return h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      h(
        "table",
        { id },
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, columns.map((column) => heading(column, by, descending)))),
        h(
          "tbody",
          {},
          ordered.map((row) =>
            h(
              "tr",
              { class: row.complete === false ? "incomplete" : null },
              columns.map((column) =>
                h(
                  column.head ? "th" : "td",
                  { class: column.numeric ? "numeric" : null, scope: column.head ? "row" : null },
                  column.cell(row),
                ),
              ),
            ),
          ),
        ),
      ),
    );
  };

  function heading(column, by, descending) {
    const sorted = column === by;
    const first = column.numeric && !column.ascending ? `-${column.name}` : column.name;
    const opposite = descending ? column.name : `-${column.name}`;
    return h(
      "th",
      {
        scope: "col",
        class: column.numeric ? "numeric" : null,
        "aria-sort": sorted ? (descending ? "descending" : "ascending") : null,
      },
      h(
        "button",
        { type: "button", title: column.meaning, click: () => choose({ sort: sorted ? opposite : first }) },
        column.title,
        h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (descending ? "▾" : "▴") : ""),
      ),
    );
  }

  /* Unknown values come last, whatever the order. */
  function compare(first, second, descending) {
    const [gone, missing] = [first, second].map((value) => value === null || value === undefined);
    if (gone || missing) return Number(gone) - Number(missing);
    const order = typeof first === "string" ? first.localeCompare(second) : first - second;
    return descending ? -order : order;
  }

  /* A value with its interval, drawn on a scale from 0 to `top` and written beside. */
  heurigym.interval = (value, low, high, top = 1) => {
    if (value === null || value === undefined) return "–";
    if (low === null || low === undefined) return number(value);
    const at = (x) => 2 + (96 * Math.min(Math.max(x, 0), top)) / top;
    const text = `${number(value)}, interval ${number(low)} to ${number(high)}`;
    return h(
      "span",
      { class: "interval", title: text },
      h("span", { class: "value" }, number(value)),
      svg(
        "svg",
        { viewBox: "0 0 100 14", role: "img", "aria-label": text, preserveAspectRatio: "none" },
        svg("line", { class: "track", x1: 2, x2: 98, y1: 7, y2: 7 }),
        svg("rect", { class: "range", x: at(low), width: Math.max(at(high) - at(low), 1), y: 3, height: 8, rx: 2 }),
        svg("rect", { class: "dot", x: at(value) - 1, width: 2, y: 0, height: 14 }),
      ),
    );
  };

  heurigym.column = (name, title, meaning, extra = {}) => ({
    name,
    title,
    meaning,
    numeric: true,
    value: (row) => row[name],
    cell: (row) => number(row[name]),
    ...extra,
  });
})();
