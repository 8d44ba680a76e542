"use strict";
/* The plots: QYI against cost with the Pareto front, and QYI by iteration. Each is followed by its numbers. */
(() => {
  const { h, svg, address, key, marks, money, number, select, title } = heurigym;
  const WIDTH = 860;
  const HEIGHT = 460;
  const MARGIN = { top: 16, right: 24, bottom: 48, left: 56 };

  heurigym.views.cost = {
    title: "Cost",
    render(board, { options }) {
      const mean = options.get("mean") || "weighted";
      const rows = board.overall.filter((row) => row[`${mean}_qyi`] !== null && row.complete);
      const priced = rows.filter((row) => row.cost_usd !== null);
      const front = pareto(priced.filter((row) => !row.is_script), mean);
      const left = rows.length - priced.length;
      return [
        h("h1", {}, "Quality against cost"),
        h("div", { class: "controls" }, select("Mean over problems", "mean",
          [["weighted", "weighted by instances"], ["unweighted", "each problem the same"]], mean)),
        priced.length ? scatter(priced, front, mean) : h("p", {}, "No complete row has a known cost yet."),
        h("p", { class: "hint" }, "US dollars for one trajectory of each problem. The line is the Pareto front: no other language model is both ",
          "cheaper and better. Squares are scripts. Vertical lines are 95 % intervals.",
          left ? ` ${left} complete row${left > 1 ? "s have" : " has"} an unknown price and no place here.` : ""),
        priced.length ? numbers(priced, front, mean) : null,
      ];
    },
  };

  /* The rows that no other row beats in both cost and score. */
  function pareto(rows, mean) {
    const ordered = [...rows].sort((a, b) => a.cost_usd - b.cost_usd || b[`${mean}_qyi`] - a[`${mean}_qyi`]);
    let best = -Infinity;
    return ordered.filter((row) => row[`${mean}_qyi`] > best && ((best = row[`${mean}_qyi`]), true));
  }

  function scatter(rows, front, mean) {
    const paid = rows.map((row) => row.cost_usd).filter((cost) => cost > 0);
    const [least, most] = paid.length ? d3.extent(paid) : [0.01, 1];
    const free = rows.some((row) => row.cost_usd === 0);
    const scale = d3.scaleLog([least / 1.5, most * 1.5], [MARGIN.left + (free ? 70 : 0), WIDTH - MARGIN.right]);
    const x = (cost) => (cost > 0 ? scale(cost) : MARGIN.left + 24);
    const y = d3.scaleLinear([0, 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
    const chart = frame(`QYI of ${rows.length} rows against their cost; the numbers are in the table below`);
    axes(chart, scale, y, "US dollars for one trajectory of each problem, logarithmic", "QYI", (axis) => axis.ticks(6, "~g"));
    if (free) chart.append(svg("text", { class: "label", x: x(0), y: HEIGHT - MARGIN.bottom + 18, "text-anchor": "middle" }, "free"));
    const line = d3.line((row) => x(row.cost_usd), (row) => y(row[`${mean}_qyi`])).curve(d3.curveStepAfter);
    chart.append(svg("path", { class: "front", d: line(front) }));
    const spots = rows.map((row) => ({ row, x: x(row.cost_usd), y: y(row[`${mean}_qyi`]) }));
    const placed = [];
    for (const { row, x: across, y: down } of spots) {
      const text = `${title(row)}: QYI ${number(row[`${mean}_qyi`])}, $${money(row.cost_usd)}`;
      const name = short(title(row));
      const label = { x: across + 9, y: down - 7, width: name.length * 6.6 };
      const flip = label.x + label.width > WIDTH - 4;
      if (flip) label.x = across - 9 - label.width;
      const fits = !placed.some((other) => Math.abs(other.y - label.y) < 13 && label.x < other.x + other.width && other.x < label.x + label.width);
      if (fits) placed.push(label);
      chart.append(
        svg(
          "a",
          { href: address("model", [row.model, row.strategy, row.variant]), "aria-label": text, class: front.includes(row) ? "point best" : "point" },
          svg("title", {}, text),
          svg("line", { class: "whisker", x1: across, x2: across, y1: y(row[`${mean}_qyi_low`]), y2: y(row[`${mean}_qyi_high`]) }),
          shape(row, across, down),
          fits ? svg("text", { class: "label", x: flip ? across - 9 : across + 9, y: down - 7, "text-anchor": flip ? "end" : "start" }, name) : null,
        ),
      );
    }
    return h("figure", { class: "scroll" }, chart);
  }

  const shape = (row, x, y) => (row.is_script
    ? svg("rect", { x: x - 5, y: y - 5, width: 10, height: 10 })
    : svg("circle", { cx: x, cy: y, r: 5.5 }));

  const short = (text) => (text.length > 34 ? `${text.slice(0, 33)}…` : text);

  function numbers(rows, front, mean) {
    return heurigym.table({
      id: "costs",
      caption: "The numbers of the plot",
      sort: heurigym.place().options.get("sort") || "cost_usd",
      rows,
      columns: [
        heurigym.column("model", "Model", "", { numeric: false, head: true, value: title, cell: (row) => [title(row), ...marks(row)] }),
        heurigym.column("cost_usd", "Cost, $", "US dollars for one trajectory of each problem", { ascending: true, cell: (row) => money(row.cost_usd) }),
        heurigym.column(`${mean}_qyi`, "QYI", ""),
        heurigym.column("front", "On the front", "whether no other language model is both cheaper and better",
          { value: (row) => Number(front.includes(row)), cell: (row) => (front.includes(row) ? "yes" : "") }),
      ],
    });
  }

  heurigym.views.iterations = {
    title: "Iterations",
    render(board, { options }) {
      const problems = board.problems.filter((problem) => problem.current).map((problem) => problem.problem);
      const problem = options.get("problem") || "";
      const score = options.get("score") || "selected";
      const lines = curves(board, problem, score).slice(0, 12);
      const scores = [["selected", "the selected program, eval"], ["oracle", "the best so far, eval (oracle)"], ["demo", "the selected program, demo"]];
      return [
        h("h1", {}, "Quality by iteration"),
        h("div", { class: "controls" },
          select("Problem", "problem", [["", "mean, weighted by instances"], ...problems.map((name) => [name, name])], problem),
          select("Score", "score", scores, score)),
        lines.length ? plot(lines) : h("p", {}, "Nothing is scored yet, or not every attempt was judged on the eval split."),
        h("p", { class: "hint" }, "QYI after each attempt, of the program that would represent the trajectory if it ended there. ",
          "The twelve best rows are drawn."),
        lines.length ? steps(lines) : null,
      ];
    },
  };

  /* A line for each row: mean over problems, weighted by instances, of the problems' curves, best last value first. */
  function curves(board, problem, score) {
    const wanted = board.overall.filter((row) => (problem ? row.problems : row.complete));
    return wanted.map((row) => {
      const parts = board.results
        .map((result, index) => ({ result, curve: board.curves[index] }))
        .filter(({ result }) => result.current && key(result) === key(row) && (!problem || result.problem === problem) && result.samples);
      if (!parts.length) return null;
      const weight = d3.sum(parts, ({ result }) => result.instances);
      const at = parts[0].curve.at;
      const values = at.map((_, index) => {
        const each = parts.map(({ curve }) => curve[score][Math.min(index, curve[score].length - 1)]);
        return each.some((value) => value === null || value === undefined) ? null
          : d3.sum(parts, ({ result }, part) => each[part] * result.instances) / weight;
      });
      return { row, at, values };
    }).filter((line) => line && line.values.every((value) => value !== null))
      .sort((a, b) => b.values.at(-1) - a.values.at(-1));
  }

  function plot(lines) {
    const last = d3.max(lines, (line) => line.at.at(-1));
    const x = d3.scaleLinear([1, Math.max(last, 2)], [MARGIN.left, WIDTH - 190]);
    const y = d3.scaleLinear([0, 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
    const chart = frame("QYI after each attempt; the numbers are in the table below");
    axes(chart, x, y, "attempts", "QYI", (axis) => axis.ticks(Math.min(last, 10), "d"));
    const ends = spread(lines.map((line) => y(line.values.at(-1))));
    lines.forEach(({ row, at, values }, index) => {
      const line = d3.line((_, step) => x(at[step]), (value) => y(value));
      const series = svg("g", { class: `series series-${index}` },
        svg("title", {}, title(row)),
        svg("path", { d: line(values) }),
        values.map((value, step) => svg("circle", { cx: x(at[step]), cy: y(value), r: 3 }, svg("title", {}, `${title(row)}, ${at[step]}: ${number(value)}`))),
        svg("text", { x: x(at.at(-1)) + 8, y: ends[index] + 4 }, short(title(row)).slice(0, 26)));
      chart.append(series);
    });
    return h("figure", { class: "scroll" }, chart);
  }

  /* Heights for labels, moved apart so that none covers another. */
  function spread(heights) {
    const order = heights.map((height, index) => ({ height, index })).sort((a, b) => a.height - b.height);
    let floor = -Infinity;
    for (const item of order) floor = item.height = Math.max(item.height, floor + 14);
    return order.sort((a, b) => a.index - b.index).map((item) => item.height);
  }

  function steps(lines) {
    const at = lines[0].at;
    return heurigym.table({
      id: "steps",
      caption: "The numbers of the plot",
      sort: heurigym.place().options.get("sort") || `-after${at.length - 1}`,
      rows: lines,
      columns: [
        heurigym.column("model", "Model", "", { numeric: false, head: true, value: (line) => title(line.row), cell: (line) => [title(line.row), ...marks(line.row)] }),
        ...at.map((count, index) => heurigym.column(`after${index}`, `after ${count}`, "",
          { value: (line) => line.values[index], cell: (line) => number(line.values[index]) })),
      ],
    });
  }

  function frame(label) {
    return svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group", "aria-label": label });
  }

  function axes(chart, x, y, across, up, ticks) {
    const bottom = svg("g", { class: "axis", transform: `translate(0,${HEIGHT - MARGIN.bottom})` });
    const left = svg("g", { class: "axis grid", transform: `translate(${MARGIN.left},0)` });
    d3.select(bottom).call(ticks(d3.axisBottom(x)));
    d3.select(left).call(d3.axisLeft(y).ticks(6).tickSizeInner(-(WIDTH - MARGIN.left - MARGIN.right)));
    chart.append(left, bottom,
      svg("text", { class: "label", x: (WIDTH + MARGIN.left) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, across),
      svg("text", { class: "label", x: 14, y: MARGIN.top + 4 }, up));
  }
})();
