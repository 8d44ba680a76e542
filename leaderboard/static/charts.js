"use strict";
/* The plots: QYI against cost with the Pareto front, and QYI by iteration. Each is followed by its numbers. */
(() => {
  const { h, svg, address, key, marks, money, number, select, title } = heurigym;
  const WIDTH = 860;
  const HEIGHT = 460;
  const MARGIN = { top: 28, right: 24, bottom: 48, left: 56 };

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
          "cheaper and better. Squares are scripts. Vertical lines are 95 % intervals. A point without a name has no room for it; it is in the table below.",
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
    const y = scores(rows.flatMap((row) => [row[`${mean}_qyi`], row[`${mean}_qyi_low`]]));
    const chart = frame(`QYI of ${rows.length} rows against their cost; the numbers are in the table below`);
    axes(chart, scale, y, "US dollars for one trajectory of each problem, logarithmic", "QYI", (axis) => axis.ticks(6, "~g"));
    if (free) chart.append(svg("text", { class: "label", x: x(0), y: HEIGHT - MARGIN.bottom + 18, "text-anchor": "middle" }, "free"));
    const line = d3.line((row) => x(row.cost_usd), (row) => y(row[`${mean}_qyi`])).curve(d3.curveStepAfter);
    chart.append(svg("path", { class: "front", d: line(front) }));
    const spots = rows.map((row) => ({ row, x: x(row.cost_usd), y: y(row[`${mean}_qyi`]) }));
    const taken = spots.map((spot) => ({ x: spot.x - 7, y: spot.y - 7, width: 14, height: 14 }));
    for (const { row, x: across, y: down } of spots) {
      const text = `${title(row)}: QYI ${number(row[`${mean}_qyi`])}, $${money(row.cost_usd)}`;
      const name = short(title(row));
      const label = roomFor(name.length * 6.4, across, down, taken);
      if (label) taken.push(label);
      chart.append(
        svg(
          "a",
          { href: address("model", [row.model, row.strategy, row.variant]), "aria-label": text, class: front.includes(row) ? "point best" : "point" },
          svg("title", {}, text),
          svg("line", { class: "whisker", x1: across, x2: across, y1: y(row[`${mean}_qyi_low`]), y2: y(row[`${mean}_qyi_high`]) }),
          shape(row, across, down),
          label ? svg("text", { class: "label", x: label.x, y: label.y + 11 }, name) : null,
        ),
      );
    }
    return h("figure", { class: "scroll", tabindex: "0", "aria-label": "plot" }, chart);
  }

  /* Where a label of some width fits beside a point: right or left of it, above or below; nowhere if all are taken. */
  function roomFor(width, across, down, taken) {
    const height = 14;
    const places = [down - height - 3, down + 4, down - height / 2].flatMap((y) => [across + 10, across - 10 - width].map((x) => ({ x, y, width, height })));
    return places.find((place) => place.x > MARGIN.left && place.x + width < WIDTH && place.y > 0 && place.y + height < HEIGHT - MARGIN.bottom &&
      !taken.some((other) => place.x < other.x + other.width && other.x < place.x + width && place.y < other.y + other.height && other.y < place.y + height));
  }

  /* A scale of scores that begins a little below the least of them, so that differences can be seen. */
  function scores(values) {
    const least = d3.min(values.filter((value) => value !== null && value !== undefined));
    return d3.scaleLinear([Math.min(0.9, Math.floor(10 * least) / 10), 1], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  }

  const shape = (row, x, y) => (row.is_script
    ? svg("rect", { x: x - 5, y: y - 5, width: 10, height: 10 })
    : svg("circle", { cx: x, cy: y, r: 5.5 }));

  const short = (text, most = 34) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

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
          "The twelve best rows are drawn; the scale does not begin at 0."),
        lines.length ? steps(lines) : null,
      ];
    },
  };

  /* A line for each row: mean over problems, weighted by instances, of the problems' curves, best last value first. */
  function curves(board, problem, score) {
    const wanted = board.overall.filter((row) => (problem ? row.problems : row.complete));
    const byRow = d3.group(
      board.results.map((result, index) => ({ result, curve: board.curves[index] }))
        .filter(({ result }) => result.current && (!problem || result.problem === problem) && result.samples),
      ({ result }) => key(result));
    return wanted.map((row) => {
      const parts = byRow.get(key(row));
      if (!parts) return null;
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
    const x = d3.scaleLinear([1, Math.max(last, 2)], [MARGIN.left, WIDTH - 240]);
    const y = scores(lines.flatMap((line) => line.values));
    const chart = frame("QYI after each attempt; the numbers are in the table below");
    axes(chart, x, y, "attempts", "QYI", (axis) => axis.ticks(Math.min(last, 10), "d"));
    const ends = spread(lines.map((line) => y(line.values.at(-1))));
    lines.forEach(({ row, at, values }, index) => {
      const line = d3.line((_, step) => x(at[step]), (value) => y(value));
      const series = svg("g", { class: `series series-${index}` },
        svg("title", {}, title(row)),
        svg("path", { d: line(values) }),
        values.map((value, step) => svg("circle", { cx: x(at[step]), cy: y(value), r: 3 }, svg("title", {}, `${title(row)}, ${at[step]}: ${number(value)}`))),
        svg("line", { class: "leader", x1: x(at.at(-1)) + 5, x2: x(at.at(-1)) + 22, y1: y(values.at(-1)), y2: ends[index] }),
        svg("rect", { x: x(at.at(-1)) + 24, y: ends[index] - 4, width: 8, height: 8 }),
        svg("text", { x: x(at.at(-1)) + 36, y: ends[index] + 4 }, short(title(row), 28)));
      chart.append(series);
    });
    return h("figure", { class: "scroll", tabindex: "0", "aria-label": "plot" }, chart);
  }

  /* Heights for labels, moved apart so that none covers another. */
  function spread(heights) {
    const order = heights.map((height, index) => ({ height, index })).sort((a, b) => a.height - b.height);
    let floor = -Infinity;
    for (const item of order) floor = item.height = Math.max(item.height, floor + 15);
    let ceiling = HEIGHT - MARGIN.bottom + 15;
    for (const item of [...order].reverse()) ceiling = item.height = Math.min(item.height, ceiling - 15);
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
      svg("text", { class: "label", x: MARGIN.left, y: MARGIN.top - 10, "text-anchor": "end" }, up));
  }
})();
