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
        h("caption", {}, h("span", {}, caption)),
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

  /* A column of values with their intervals, drawn on one scale that holds them all. */
  heurigym.ranged = (rows, name, title, meaning, extra = {}) => {
    const known = rows.flatMap((row) => [row[`${name}_low`], row[`${name}_high`], row[name]]).filter((value) => value !== null);
    const from = Math.floor(Math.min(0.9, ...known) * 10) / 10;
    const to = Math.max(1, Math.ceil(Math.max(...known, 0) * 10) / 10);
    return heurigym.column(name, title, `${meaning}; bars run from ${from.toFixed(1)} to ${to.toFixed(1)}`, {
      cell: (row) => interval(row[name], row[`${name}_low`], row[`${name}_high`], from, to),
      ...extra,
    });
  };

  function interval(value, low, high, from, to) {
    if (value === null || value === undefined) return "–";
    if (low === null || low === undefined) return number(value);
    const at = (x) => 2 + (96 * (x - from)) / (to - from);
    return h(
      "span",
      { class: "interval" },
      h("span", { class: "value" }, number(value)),
      h(
        "span",
        { class: "bar" },
        svg(
          "svg",
          { viewBox: "0 0 100 12", "aria-hidden": "true", preserveAspectRatio: "none" },
          svg("line", { class: "track", x1: 2, x2: 98, y1: 6, y2: 6 }),
          svg("rect", { class: "range", x: at(low), width: Math.max(at(high) - at(low), 1), y: 2, height: 8, rx: 2 }),
          svg("rect", { class: "dot", x: at(value) - 1, width: 2, y: 0, height: 12 }),
        ),
        h("span", { class: "ends" }, `${number(low)}–${number(high)}`),
      ),
    );
  }

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
