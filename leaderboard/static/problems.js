"use strict";
/* Problems: the heat map of models by problems, one problem with its instances, one model with its problems. */
(() => {
  const { h, address, column, compact, key, load, marks, money, number, records, select, states, table, title, wrapped } = heurigym;

  const METRICS = [["qyi", "QYI"], ["yield", "yield"], ["quality", "quality"], ["quality_uncapped", "uncapped quality"],
    ["quality_geometric", "geometric quality"], ["beats_expert", "beats expert"], ["oracle", "oracle QYI"]];

  heurigym.views.problems = {
    title: "Problems",
    render(board, { options }) {
      const metric = options.get("metric") || "qyi";
      const apart = board.problems.filter((problem) => !problem.current);
      return [
        h("h1", {}, "Models by problems"),
        h("div", { class: "controls" }, select("Score", "metric", METRICS, metric)),
        heatmap(board, board.problems.filter((problem) => problem.current), metric),
        apart.length
          ? h("section", {}, h("h2", {}, "Other versions, shown apart"),
            h("p", {}, "Their statement, verifier, limits or instances differ from the current version's, or their expert ",
              "values are others and not known here: their scores are not comparable and take no part in any mean."),
            heatmap(board, apart, metric))
          : null,
      ];
    },
  };

  function heatmap(board, problems, metric) {
    const cells = new Map(board.results.map((row) => [`${row.problem}@${row.digest}@${key(row)}`, row]));
    const rows = board.overall.filter((row) =>
      problems.some(({ problem, digest }) => cells.has(`${problem}@${digest}@${key(row)}`)));
    const others = board.results.filter((row) => !row.current && !board.overall.some((each) => key(each) === key(row)));
    const all = [...rows, ...new Map(others.map((row) => [key(row), row])).values()]
      .filter((row) => problems.some(({ problem, digest }) => cells.has(`${problem}@${digest}@${key(row)}`)));
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "heat map" },
      h("table", { class: "heatmap" },
        h("caption", {}, h("span", {}, `${METRICS.find(([name]) => name === metric)?.[1] ?? "QYI"} by model and problem; a cell opens the problem; brighter is better`)),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Model"),
          problems.map(({ id, problem, digest, current, instances }) => h("th", { scope: "col" },
            h("a", { href: address("problem", [id]), title: `${instances} eval instances, version ${digest}` },
              problem.replaceAll("_", " "), current ? null : h("span", { class: "quiet" }, ` ${digest}`)))))),
        h("tbody", {}, all.map((row) => h("tr", {},
          h("th", { scope: "row" }, h("a", { href: address("model", [row.model, row.strategy, row.variant]) }, wrapped(title(row))), ...marks(row)),
          problems.map(({ id, problem, digest }) => cell(cells.get(`${problem}@${digest}@${key(row)}`), metric, id)))))));
  }

  function cell(row, metric, id) {
    if (!row) return h("td", { class: "none" }, h("span", { title: "never run" }, "·"));
    const value = row[metric];
    if (value === null || value === undefined) {
      const text = states(row).join(", ") || "unknown";
      return h("td", { class: "none" }, h("span", { title: text }, row.running ? "…" : row.failed ? "failed" : "–"));
    }
    return coloured(h("td", {}, h("a", { href: address("problem", [id]), title: `${title(row)}, ${row.problem}: ${number(value)}` }, number(value, 2))), value);
  }

  /* Shade by value, 0 to 1, with text that stands out from it; the number says the same without colour. Most scores
     lie near the expert's, so the shade follows the cube of the value and tells those apart. */
  function coloured(element, value) {
    const colour = d3.rgb(d3.interpolateViridis(Math.min(Math.max(value, 0), 1) ** 3));
    element.style.backgroundColor = colour.formatHex();
    element.style.color = luminance(colour) > 0.179 ? "#000" : "#fff";
    element.classList.add("shaded");
    return element;
  }

  /* Relative luminance (WCAG 2.2); from 0.179 on black stands out better than white. */
  function luminance(colour) {
    const [r, g, b] = [colour.r, colour.g, colour.b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  heurigym.views.problem = {
    parent: "problems",
    async render(board, { rest, options }) {
      const known = board.problems.find((problem) => problem.id === rest[0]);
      if (!known) return [h("h1", {}, "No such problem"), h("p", {}, "This board has no problem of that name.")];
      const data = await load(known.id);
      const rows = board.results.filter((row) => row.problem === known.problem && row.digest === known.digest);
      return [
        h("h1", {}, known.problem.replaceAll("_", " ")),
        h("p", { class: "quiet" }, `Version ${known.digest}, ${known.instances} eval instances.`),
        known.current ? null : h("p", { class: "messages" }, "Not the current version of this problem: not comparable with it."),
        table({ id: "results", caption: "Scores with 95 % intervals", columns: columns(board, rows), rows, sort: options.get("sort") || "-qyi" }),
        h("h2", {}, "By instance"),
        h("p", { class: "hint" }, "Uncapped quality of the selected program on each eval instance; 1 is the expert. Failed runs are named. ",
          "A column is one trajectory; its heading opens it."),
        instances(data),
        h("h2", {}, "Trajectories"),
        trajectories(data, options),
      ];
    },
  };

  function columns(board, rows) {
    const meanings = board.columns.results;
    const ranged = (name, heading) => heurigym.ranged(rows, name, heading, meanings[name]);
    return [
      column("model", "Model", meanings.model, { numeric: false, head: true, value: title, cell: (row) => [
        h("a", { href: address("model", [row.model, row.strategy, row.variant]) }, wrapped(title(row))), ...marks(row),
        h("span", { class: "quiet" }, states(row).join(", "))] }),
      ranged("qyi", "QYI"), ranged("yield", "Yield"), ranged("quality", "Quality"),
      column("quality_uncapped", "Uncapped", meanings.quality_uncapped),
      column("quality_geometric", "Geometric", meanings.quality_geometric),
      column("oracle", "Oracle", meanings.oracle),
      column("solve_III@1", "III@1", meanings["solve_III@1"]),
      column("samples", "Samples", meanings.samples, { cell: (row) => row.samples }),
      column("cost_usd", "Cost, $", meanings.cost_usd, { ascending: true, cell: (row) => money(row.cost_usd) }),
    ];
  }

  const SHORT = { crashed: "crash", timed_out: "time", out_of_memory: "memory", no_output: "no out", output_too_large: "large",
    malformed: "form", infeasible: "infeas", harness_error: "harness", no_program: "none" };

  function instances(data) {
    const runs = data.entries.flatMap((entry) => entry.trajectories.filter((each) => each.outcome).map((each) => ({ entry, each })));
    if (!runs.length) return h("p", {}, "No selected program is judged yet.");
    const shown = runs.slice(0, 60);
    return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "instances" },
      h("table", { class: "heatmap instances" },
        h("caption", {}, h("span", {}, shown.length < runs.length ? `The first ${shown.length} of ${runs.length} trajectories; all are in instances.csv` : "Every trajectory")),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Instance"), h("th", { scope: "col", class: "numeric" }, "Expert"),
          shown.map(({ entry, each }) => h("th", { scope: "col" }, h("a", { href: address("trajectory", [each.id]) },
            entry.trajectories.length > 1 ? `${title(entry)} #${each.sample}` : title(entry)))))),
        h("tbody", {}, data.instances.map((name, index) => h("tr", {}, h("th", { scope: "row" }, name),
          h("td", { class: "numeric" }, compact(data.baselines[index])),
          shown.map(({ each }) => run(data, each, index)))))));
  }

  function run(data, each, index) {
    const outcome = data.outcomes[each.outcome[index]];
    const quality = each.quality[index];
    if (outcome === undefined) return h("td", { class: "none" }, "–");
    if (outcome !== "feasible") return h("td", { class: "bad", title: outcome }, SHORT[outcome] || outcome);
    const text = `objective ${compact(each.objective[index])}, ${number(each.wall_s[index], 2)} s`;
    return quality === null ? h("td", { title: text }, compact(each.objective[index]))
      : coloured(h("td", { title: text }, number(quality, 2)), quality);
  }

  function trajectories(data, options) {
    const rows = data.entries.flatMap((entry) => entry.trajectories.map((each) => ({ ...each, entry })));
    return table({
      id: "trajectories",
      caption: `${rows.length} trajectories`,
      rows,
      sort: options.get("sort") || "-eval",
      columns: [
        column("trajectory", "Trajectory", "", { numeric: false, head: true, value: (row) => `${title(row.entry)} ${row.sample}`, cell: (row) => [
          row.attempts ? h("a", { href: address("trajectory", [row.id]) }, `${title(row.entry)} #${row.sample}`) : `${title(row.entry)} #${row.sample}`,
          ...marks(row.entry)] }),
        column("state", "State", "", { numeric: false, cell: (row) => [row.state, row.note ? h("span", { class: "quiet" }, row.note) : null] }),
        column("attempts", "Attempts", "", { cell: (row) => row.attempts }),
        column("selected", "Selected", "number of the attempt that represents it", { cell: (row) => row.selected ?? "–" }),
        column("demo", "Demo QYI", "of the selected program"),
        column("eval", "Eval QYI", "of the selected program"),
        column("cost_usd", "Cost, $", "", { ascending: true, cell: (row) => money(row.cost_usd) }),
      ],
    });
  }

  heurigym.views.model = {
    parent: "ranking",
    async render(board, { rest, options }) {
      const wanted = [rest[0], rest[1], rest[2] || ""].join("\u0000");
      const rows = board.results.filter((row) => key(row) === wanted);
      if (!rows.length) return [h("h1", {}, "No such model"), h("p", {}, "This board has no row of that name.")];
      const ids = new Map(board.problems.map((problem) => [`${problem.problem}@${problem.digest}`, problem.id]));
      const data = await Promise.all(rows.map((row) => load(ids.get(`${row.problem}@${row.digest}`))));
      const [name, ...others] = columns(board, rows);
      return [
        h("h1", {}, title(rows[0]), ...marks(rows[0])),
        table({ id: "results", caption: "By problem", rows, sort: options.get("sort") || "-qyi", columns: [
          { ...name, title: "Problem", value: (row) => row.problem, cell: (row) => [
            h("a", { href: address("problem", [ids.get(`${row.problem}@${row.digest}`)]) }, row.problem.replaceAll("_", " ")),
            row.current ? null : h("span", { class: "quiet" }, ` version ${row.digest}, shown apart`),
            h("span", { class: "quiet" }, states(row).join(", "))] },
          ...others] }),
        h("h2", {}, "Trajectories"),
        h("ul", {}, data.flatMap((each) => each.entries.filter((entry) => key(entry) === wanted).flatMap((entry) =>
          entry.trajectories.map((trajectory) => h("li", {},
            trajectory.attempts ? h("a", { href: address("trajectory", [trajectory.id]) }, `${each.problem.replaceAll("_", " ")} #${trajectory.sample}`)
              : `${each.problem} #${trajectory.sample}`,
            ` ${trajectory.state}, ${trajectory.attempts} attempts, eval QYI ${number(trajectory.eval)}`,
            trajectory.note ? h("span", { class: "quiet" }, ` ${trajectory.note}`) : null))))),
      ];
    },
  };
})();
