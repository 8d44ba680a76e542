"use strict";
/* The ranking: models by mean score over problems, with intervals, ties, and the comparison of any two. */
(() => {
  const { h, address, choose, column, count, key, marks, money, number, select, states, table, title, wrapped } = heurigym;

  const GROUPS = [
    ["scores", "Scores"],
    ["solve", "Solved within i attempts"],
    ["cost", "Cost and time"],
    ["states", "Runs"],
  ];

  heurigym.views.ranking = {
    title: "Ranking",
    render(board, { options }) {
      const mean = options.get("mean") || "weighted";
      const group = options.get("columns") || "scores";
      const rows = filtered(board.overall, options);
      return [
        h("h1", {}, "Ranking"),
        messages(board),
        h(
          "div",
          { class: "controls" },
          search(options),
          select("Mean over problems", "mean", [["weighted", "weighted by instances"], ["unweighted", "each problem the same"]], mean),
          select("Columns", "columns", GROUPS, group),
          select("Show", "show", [["all", "everything"], ["models", "language models only"], ["official", "official only"]],
            options.get("show") || "all"),
        ),
        table({
          id: "ranking",
          caption: `${rows.length} of ${board.overall.length} rows; means over ${problemCount(board)}, ${
            mean === "weighted" ? "weighted by instances" : "each counting the same"}`,
          columns: columns(board, rows, mean, group),
          rows,
          sort: options.get("sort") || "-qyi",
        }),
        h("p", { class: "hint" }, "Ranks are by weighted QYI. Rows share a rank unless the 95 % interval of their paired ",
          "difference leaves out 0; no correction is made for the number of comparisons. = marks a row that is tied with a ",
          "neighbour; the small numbers beside a rank are its 95 % interval; ≈ marks a row whose interval is wider than the ",
          "gap to its nearest neighbour. Bars are 95 % intervals, all of a column on one scale."),
        comparison(board, options),
      ];
    },
  };

  function problemCount(board) {
    const current = board.problems.filter((problem) => problem.current).length;
    return `${current} problem${current === 1 ? "" : "s"}`;
  }

  function search(options) {
    const input = h("input", {
      type: "search",
      name: "filter",
      placeholder: "model, strategy, …",
      value: options.get("filter") || "",
      input: () => choose({ filter: input.value }),
    });
    return h("label", { class: "choice" }, h("span", {}, "Filter"), input);
  }

  function filtered(rows, options) {
    const words = (options.get("filter") || "").toLowerCase().split(/\s+/).filter(Boolean);
    const show = options.get("show");
    return rows.filter((row) => {
      const text = [row.model, row.strategy, row.variant].join(" ").toLowerCase();
      if (show === "models" && row.is_script) return false;
      if (show === "official" && (!row.official || row.is_script)) return false;
      return words.every((word) => text.includes(word));
    });
  }

  function columns(board, rows, mean, group) {
    const meanings = board.columns.overall;
    const of = (name, heading, extra) => column(`${mean}_${name}`, heading, meanings[`${mean}_${name}`], extra);
    const plain = (name, heading, extra) => column(name, heading, meanings[name], extra);
    const ranged = (name, heading) => heurigym.ranged(rows, `${mean}_${name}`, heading, meanings[`${mean}_${name}`],
      name === "qyi" ? { name: "qyi" } : {});
    const first = [
      plain("rank", "Rank", { cell: rankCell, ascending: true }),
      column("model", "Model", meanings.model, { numeric: false, head: true, cell: who, value: title }),
      ranged("qyi", "QYI"),
    ];
    const groups = {
      scores: [
        ranged("yield", "Yield"),
        ranged("quality", "Quality"),
        of("quality_uncapped", "Uncapped"),
        of("beats_expert", "Beats expert", { cell: (row) => percent(row[`${mean}_beats_expert`]) }),
        of("oracle", "Oracle"),
        plain("problems", "Problems", { cell: (row) => `${row.problems} of ${problemCount(board).split(" ")[0]}` }),
      ],
      solve: ["I", "II", "III"].flatMap((stage) =>
        [1, 3, 5, 10].map((budget) => of(`solve_${stage}@${budget}`, `${stage}@${budget}`))),
      cost: [
        plain("cost_usd", "Cost, $", { ascending: true, cell: (row) => money(row.cost_usd) }),
        plain("tokens", "Tokens", { ascending: true, cell: (row) => count(row.tokens) }),
        plain("output_tokens", "Output tokens", { ascending: true, cell: (row) => count(row.output_tokens) }),
        plain("calls", "Calls", { ascending: true, cell: (row) => count(row.calls) }),
        plain("model_s", "Model, s", { ascending: true, cell: (row) => count(row.model_s) }),
        plain("wall_s", "Wall, s", { ascending: true, cell: (row) => count(row.wall_s) }),
        plain("cpu_s", "CPU, s", { ascending: true, cell: (row) => count(row.cpu_s) }),
        plain("spent_usd", "Spent in all, $", { ascending: true, cell: (row) => money(row.spent_usd) }),
      ],
      states: ["samples", "running", "failed", "unjudged", "waiting", "without_program", "unscored_runs", "instances"].map(
        (name) => plain(name, name.replaceAll("_", " "), { cell: (row) => count(row[name]) })),
    };
    return [...first, ...(groups[group] || groups.scores)];
  }

  const percent = (value) => (value === null ? "–" : `${(100 * value).toFixed(1)} %`);

  function rankCell(row) {
    if (row.rank === null) return h("span", { title: "not every problem is scored, so the row is not ranked" }, "–");
    const warning = row.wide
      ? h("span", { class: "warning", role: "img", "aria-label": "interval wider than the gap to the nearest neighbour",
        title: "the interval is wider than the gap to the nearest neighbour" }, "≈")
      : null;
    const span = row.rank_low === row.rank_high ? "" : ` ${row.rank_low}–${row.rank_high}`;
    return [
      h("strong", {}, `${row.tied ? "=" : ""}${row.rank}`),
      h("span", { class: "quiet", title: "95 % interval of the rank" }, span),
      warning,
    ];
  }

  function who(row) {
    const notes = states(row);
    return [
      h("a", { href: address("model", [row.model, row.strategy, row.variant]) }, wrapped(title(row))),
      ...marks(row),
      row.complete ? null : h("span", { class: "mark incomplete" }, "incomplete"),
      notes.length ? h("span", { class: "quiet" }, notes.join(", ")) : null,
    ];
  }

  function messages(board) {
    const ranked = board.overall.filter((row) => row.rank !== null);
    const wide = ranked.filter((row) => row.wide).length;
    const single = ranked.filter((row) => row.samples <= row.problems).length;
    const list = [...board.notes];
    if (wide && ranked.length > 1) {
      list.push(`For ${wide} of ${ranked.length} ranked rows (marked ≈) the interval is wider than the gap to the nearest ` +
        "neighbour: their order may be chance.");
    }
    if (single && ranked.length === 1) {
      list.push("The only ranked row has one sample for each problem: its intervals say how scores vary over instances, not " +
        "how they vary from run to run.");
    } else if (single) {
      list.push(`${single} of ${ranked.length} ranked rows have one sample for each problem: their intervals say how scores ` +
        "vary over instances, not how they vary from run to run.");
    }
    return list.length ? h("ul", { class: "messages" }, list.map((text) => h("li", {}, text))) : null;
  }

  function comparison(board, options) {
    const rows = board.comparisons.rows.map(([model, strategy, variant]) => ({ model, strategy, variant }));
    if (rows.length < 2) return null;
    const mean = options.get("mean") || "weighted";
    const best = board.overall.filter((row) => row.rank !== null).map(key);
    const indexOf = (name) => rows.findIndex((row) => key(row) === name);
    const chosen = (name, fallback) => {
      const index = Number(options.get(name));
      return options.has(name) && rows[index] ? index : indexOf(best[fallback]);
    };
    const [first, second] = [chosen("a", 0), chosen("b", 1)];
    const choices = best.map((name) => [String(indexOf(name)), title(rows[indexOf(name)])]);
    return h(
      "section",
      { "aria-labelledby": "compare" },
      h("h2", { id: "compare" }, "Compare two"),
      h("div", { class: "controls" }, select("First", "a", choices, String(first)), select("Second", "b", choices, String(second))),
      h("p", { id: "comparison", "aria-live": "polite" }, sentence(board.comparisons[`${mean}_qyi`][first][second], rows[first], rows[second])),
    );
  }

  function sentence(pair, first, second) {
    if (!pair) return "Choose two different rows.";
    const [difference, low, high, superiority] = pair;
    const verdict = low <= 0 && high >= 0 ? "The interval holds 0: they are tied."
      : `The interval leaves out 0: ${title(difference > 0 ? first : second)} is better.`;
    return `${title(first)} less ${title(second)}: ${difference >= 0 ? "+" : "−"}${number(Math.abs(difference))} QYI, ` +
      `95 % interval ${signed(low)} to ${signed(high)}, paired on the same instances. ${verdict} ` +
      `The first is ahead in ${(100 * superiority).toFixed(1)} % of resamples, ties counted half.`;
  }

  const signed = (value) => `${value < 0 ? "−" : "+"}${number(Math.abs(value))}`;
})();
