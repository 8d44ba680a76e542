"use strict";
/* Published results of the public HeuriGym, and what every number on the page means. */
(() => {
  const { h, column, money, number, select, table } = heurigym;

  heurigym.views.published = {
    title: "Published elsewhere",
    hidden: (board) => !board.published.length,
    render(board, { options }) {
      const files = [...new Set(board.published.map((row) => row.source))];
      const source = options.get("source") || files[0];
      const mean = options.get("mean") || "weighted";
      const rows = [
        ...board.published.filter((row) => row.source === source).map((row) => theirs(row, mean)),
        ...board.overall.filter((row) => row.complete && row.weighted_qyi !== null).map((row) => ours(row, mean)),
      ];
      const solve = rows.some((row) => row.published && "solve_III@1" in row.solve);
      return [
        h("h1", {}, "Published elsewhere"),
        h("p", { class: "messages" }, "Results of the public HeuriGym are shown as published, not verified: nobody re-ran those programs here. ",
          "They were scored on other instances, with other verifiers, by the best iteration on the test set, and without intervals; ",
          "rows of this board are on its own instances. Read across with care."),
        h("div", { class: "controls" },
          select("File", "source", files.map((name) => [name, name]), source),
          select("Mean over problems", "mean", [["weighted", "weighted by instances"], ["unweighted", "each problem the same"]], mean),
          select("Quality", "quality", [["geometric", "geometric, as its code computes"], ["arithmetic", "arithmetic, as the paper defines"]],
            options.get("quality") || "geometric")),
        table({ id: "published", caption: mean === "weighted" ? "Means weighted by instances" : "Means of problems, each counting the same", rows, sort: options.get("sort") || "-qyi", columns: [
          column("model", "Model", "", { numeric: false, head: true, cell: (row) => [row.model, row.published
            ? h("span", { class: "mark published" }, "published, not verified") : h("span", { class: "mark" }, "this board")] }),
          column("qyi", "QYI", "mean over problems, as chosen above"),
          column("yield", "Yield", "mean over problems, as chosen above"),
          column("quality", "Quality", "as chosen above; published files say which they hold",
            qualityOf(options.get("quality") || "geometric")),
          ...(solve ? ["III@1", "III@5", "III@10"].map((name) => solved(name)) : []),
          column("cost", "Cost, $", "US dollars for everything once", { ascending: true, cell: (row) => money(row.cost) }),
        ] }),
      ];
    },
  };

  function qualityOf(kind) {
    const value = (row) => row[`quality_${kind}`];
    return { value, cell: (row) => number(value(row)) };
  }

  function solved(name) {
    const value = (row) => row.solve[`solve_${name}`] ?? null;
    return column(`solve_${name}`, name, "share of instances solved within that many attempts", { value, cell: (row) => number(value(row)) });
  }

  /* A published row; what was published as a weighted mean alone has no unweighted one. */
  function theirs(row, mean) {
    if (mean === "weighted") return row;
    return { ...row, qyi: row.qyi_unweighted, yield: row.yield_unweighted,
      quality_arithmetic: row.quality_arithmetic_unweighted, quality_geometric: row.quality_geometric_unweighted, solve: {} };
  }

  function ours(row, mean) {
    const of = (name) => row[`${mean}_${name}`];
    return {
      published: false,
      model: heurigym.title(row),
      qyi: of("qyi"),
      yield: of("yield"),
      quality_arithmetic: of("quality"),
      quality_geometric: of("quality_geometric"),
      cost: row.cost_usd,
      solve: Object.fromEntries([1, 5, 10].map((at) => [`solve_III@${at}`, of(`solve_III@${at}`)])),
    };
  }

  heurigym.views.about = {
    title: "About",
    render(board) {
      return [
        h("h1", {}, "About these numbers"),
        h("p", {}, "A model reads a problem, writes a program, sees how it did on demonstration instances, and improves it. The program with ",
          "the best demo score represents the trajectory; its score on the eval instances, which no model sees, is what counts. ",
          "The oracle is the best of all attempts on the eval split: what selection by hindsight would give, shown for comparison only."),
        h("p", {}, "Yield is the share of instances with a feasible solution. Quality compares a feasible solution with an expert's, 1 being as good. ",
          "QYI is their harmonic mean. A finished trajectory without any program has yield 0; running and failed ones are shown and not scored. ",
          "An execution in which the harness itself failed counts for nothing."),
        h("p", {}, `Intervals hold ${100 * board.confidence} %: percentile intervals of ${board.resamples.toLocaleString("en")} bootstrap resamples of instances and `,
          "samples, problems fixed. With one sample for each problem they say nothing about how runs of the same model vary."),
        h("h2", {}, "Campaigns"),
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "campaigns" }, h("table", {}, h("thead", {}, h("tr", {}, ["Name", "Made", "HeuriGym", "Machine", "Sandbox"].map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", {}, board.campaigns.map((each) => h("tr", {}, h("th", { scope: "row" }, each.name), h("td", {}, each.created_at), h("td", {}, each.heurigym),
            h("td", {}, `${each.machine}, ${each.cores} cores`),
            h("td", {}, [each.sandbox, each.official ? null : "unofficial", ...each.sandbox_flags].filter(Boolean).join(", "))))))),
        ...[["overall", "Columns of overall.csv"], ["results", "Columns of results.csv"]].map(([name, heading]) => h("details", {}, h("summary", {}, heading),
          h("dl", { class: "meanings" }, Object.entries(board.columns[name]).map(([term, meaning]) => [h("dt", {}, term), h("dd", {}, meaning)]).flat()))),
      ];
    },
  };
})();
