"use strict";
/* The viewer of one trajectory: prompt, reply, program with its changes, feedback, outcomes and times. */
(() => {
  const { h, address, choose, compact, count, library, load, marks, money, number, title } = heurigym;

  heurigym.views.trajectory = {
    parent: "problems",
    async render(board, { rest, options }) {
      const [id, wanted] = rest;
      if (!/^[0-9a-f]{16}$/.test(id || "")) return [h("h1", {}, "No such trajectory")];
      const data = await load(`trajectories/${id}`);
      const numbers = data.attempts.map((attempt) => attempt.number);
      const shown = data.attempts.find((attempt) => String(attempt.number) === wanted) ||
        data.attempts.find((attempt) => attempt.number === data.selected) || data.attempts[0];
      const problem = board.problems.find((each) => each.problem === data.problem && each.digest === data.digest);
      return [
        h("h1", {}, problem ? h("a", { href: address("problem", [problem.id]) }, data.problem.replaceAll("_", " ")) : data.problem,
          ` · ${title(data)} #${data.sample}`, ...marks(data)),
        h("p", { class: "quiet" }, `${data.status}, ${numbers.length} attempts, $${money(data.cost_usd)}, version ${data.digest}`,
          data.error ? `, ${data.error}` : ""),
        shown ? [attempts(data, shown), await attempt(data, shown, options)] : h("p", {}, "No attempt yet."),
      ].flat();
    },
  };

  function attempts(data, shown) {
    return h("nav", { class: "attempts", "aria-label": "Attempts" }, h("ol", {}, data.attempts.map((each) =>
      h("li", {}, h("a", { href: address("trajectory", [data.id, String(each.number)]), "aria-current": each === shown ? "page" : null },
        h("strong", {}, `Attempt ${each.number}`),
        each.number === data.selected ? h("span", { class: "mark selected" }, "selected") : null,
        h("span", {}, each.program === null ? "no program" : `demo ${score(each.demo)} · eval ${score(each.eval)}`))))));
  }

  const score = (judging) => (judging ? number(judging.summary.qyi ?? judging.summary.yield, 2) : "–");

  async function attempt(data, shown, options) {
    const index = data.attempts.indexOf(shown);
    const next = data.attempts[index + 1];
    const earlier = data.attempts.slice(0, index).reverse().find((each) => each.program !== null);
    return h("article", { "aria-label": `Attempt ${shown.number}` },
      facts(shown),
      await program(shown, earlier, options),
      outcomes("Demo split, shown to the model", shown.demo),
      outcomes("Eval split, never shown", shown.eval),
      feedback(data, shown, next),
      prompt(data, shown, data.attempts[index - 1]),
      reply(shown),
      shown.tools.length ? tools(shown) : null);
  }

  function facts(shown) {
    const given = shown.reply;
    const list = [["started", shown.started_at || "unknown"]];
    if (shown.parents.length) list.push(["built from attempts", shown.parents.join(", ")]);
    if (given) {
      list.push(["reply", `${given.finish}${given.note ? `: ${given.note}` : ""}`], ["took", `${number(given.latency_s, 1)} s`],
        ["tokens", `${count(given.input_tokens)} in, ${count(given.output_tokens)} out${given.reasoning_tokens ? `, ${count(given.reasoning_tokens)} of them thinking` : ""}`],
        ["cost", given.cached ? "from the cache" : `$${money(given.cost_usd)}`]);
      if (given.retries) list.push(["failed tries", String(given.retries)]);
      if (given.served_model) list.push(["served by", given.served_model]);
    }
    return h("dl", { class: "facts" }, list.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  }

  async function program(shown, earlier, options) {
    if (shown.program === null) return section("Program", h("p", {}, "The reply held no program."));
    const compare = earlier && options.get("program") !== "full";
    const toggle = earlier
      ? h("div", { class: "toggle", role: "group", "aria-label": "How to show the program" },
        h("button", { type: "button", id: "show-changes", "aria-pressed": String(Boolean(compare)), click: () => choose({ program: "" }) }, `Changes since attempt ${earlier.number}`),
        h("button", { type: "button", id: "show-full", "aria-pressed": String(!compare), click: () => choose({ program: "full" }) }, "Whole program"))
      : null;
    const body = compare ? await changes(earlier.program, shown.program) : h("pre", { class: "program", tabindex: "0" }, h("code", {}, shown.program));
    return section("Program", toggle, body);
  }

  async function changes(before, after) {
    await library("diff");
    const parts = Diff.diffLines(before, after, { timeout: 2000 });
    if (!parts) return h("pre", { class: "program", tabindex: "0" }, h("code", {}, after));
    if (parts.every((part) => !part.added && !part.removed)) return h("p", {}, "The same program as before.");
    return h("pre", { class: "program diff", tabindex: "0" }, parts.map((part, index) => lines(part, index === 0, index === parts.length - 1)));
  }

  const CONTEXT = 3;

  /* The lines of one part of a difference; of long unchanged parts only what surrounds a change. */
  function lines(part, first, last) {
    const all = part.value.replace(/\n$/, "").split("\n");
    const sign = part.added ? "+" : part.removed ? "−" : " ";
    const kind = part.added ? "ins" : part.removed ? "del" : "span";
    const line = (text) => h(kind, { class: "line" }, h("span", { class: "sign" }, sign), text, "\n");
    if (part.added || part.removed || all.length <= 2 * CONTEXT + 2) return all.map(line);
    const head = first ? [] : all.slice(0, CONTEXT);
    const tail = last ? [] : all.slice(-CONTEXT);
    const hidden = all.slice(head.length, all.length - tail.length);
    const fold = h("button", { type: "button", class: "fold", click: () => fold.replaceWith(...hidden.map(line)) }, `⋯ ${hidden.length} unchanged lines`);
    return [...head.map(line), fold, ...tail.map(line)];
  }

  function outcomes(heading, judging) {
    if (!judging) return null;
    const { feasible, instances, quality, qyi, unscored } = judging.summary;
    const summary = `${feasible} of ${instances} feasible, quality ${number(quality)}, QYI ${number(qyi)}${unscored ? `, ${unscored} unscored` : ""}`;
    return fold(`${heading}: ${summary}`, true, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": heading }, h("table", {},
      h("thead", {}, h("tr", {}, ["Instance", "Outcome", "Objective", "Expert", "Quality", "Wall, s", "CPU, s", "MiB", "Message"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, judging.runs.map((run) => h("tr", {},
        h("th", { scope: "row" }, run.instance),
        h("td", {}, h("span", { class: `outcome ${run.outcome === "feasible" ? "good" : "bad"}` }, run.outcome.replaceAll("_", " "))),
        h("td", { class: "numeric" }, compact(run.objective)), h("td", { class: "numeric" }, compact(run.baseline)),
        h("td", { class: "numeric" }, number(run.quality_uncapped)), h("td", { class: "numeric" }, number(run.wall_s ?? 0, 2)),
        h("td", { class: "numeric" }, number(run.cpu_s ?? 0, 2)), h("td", { class: "numeric" }, compact(run.peak_memory_mb)),
        h("td", {}, [run.message, ...(run.flags || [])].filter(Boolean).join(" · "), run.stderr ? fold("stderr", false, h("pre", { tabindex: "0" }, run.stderr)) : null)))))));
  }

  /* What the model was told next: the turns that the next prompt adds after this reply. */
  function feedback(data, shown, next) {
    if (!next) return null;
    const turns = added(next, shown).filter(([role]) => role === "user");
    return turns.length ? fold("Feedback", true, turns.map(([, text]) => h("pre", { class: "text", tabindex: "0" }, data.texts[text]))) : null;
  }

  function prompt(data, shown, previous) {
    const fresh = previous ? added(shown, previous).filter(([role]) => role === "user") : shown.turns;
    const turn = ([role, text]) => h("div", { class: "turn" }, h("h3", {}, role), h("pre", { class: "text", tabindex: "0" }, data.texts[text]));
    return fold(`Prompt: ${shown.turns.length} turns`, false,
      h("h3", {}, "system"), h("pre", { class: "text", tabindex: "0" }, data.texts[shown.system]),
      fresh.map(turn),
      fresh.length < shown.turns.length ? fold("The whole conversation", false, shown.turns.map(turn)) : null);
  }

  function added(later, earlier) {
    const known = new Set(earlier.turns.map(([role, text]) => `${role} ${text}`));
    return later.turns.filter(([role, text]) => !known.has(`${role} ${text}`));
  }

  function reply(shown) {
    if (!shown.reply) return section("Reply", h("p", {}, "No reply came."));
    return fold("Reply", shown.program === null, h("pre", { class: "text", tabindex: "0" }, shown.reply.text || "(empty)"));
  }

  function tools(shown) {
    return fold(`Tools: ${shown.tools.length} calls`, false, shown.tools.map((use) => h("div", { class: "turn" },
      h("h3", {}, use.name), h("pre", { class: "text", tabindex: "0" }, JSON.stringify(use.arguments, null, 1)), h("pre", { class: "text", tabindex: "0" }, use.result))));
  }

  const section = (heading, ...children) => h("section", {}, h("h2", {}, heading), ...children);
  const fold = (heading, open, ...children) => h("details", { open }, h("summary", {}, heading), ...children);
})();
