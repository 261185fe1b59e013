#if Server
extension UIPage {
  /// What the page does: asks `/info` for the kind of model, sends texts in requests of as many as
  /// the server takes, shows scores, or says in words why there are none.
  static let script =
    #"""
    "use strict";
    const at = (id) => document.getElementById(id);
    const base = location.pathname.replace(/ui\/*$/, "");
    const shown = 5, mostCompared = 40;
    let info, kind, running;

    const make = (name, properties = {}, ...children) => {
      const element = Object.assign(document.createElement(name), properties);
      element.append(...children);
      return element;
    };
    const plural = (n, word) => n.toLocaleString("en") + " " + word + (n === 1 ? "" : "s");
    const percent = (score) => (100 * score).toFixed(1) + " %";
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));

    // ---- talking to the server

    class Refusal extends Error {
      constructor(status, said) {
        super(said);
        this.status = status;
      }
      get words() {
        const said = this.message ? " The server says: " + this.message : "";
        switch (this.status) {
          case 401: return at("key").value
            ? "This is not the server's API key. Check it above, then send again."
            : "This server wants an API key: enter it above, then send again.";
          case 404: return "The server has no such route." + said;
          case 413: return "That is more text than the server takes in one request." + said;
          case 429: return "The server has as much to do as it can take. Try again in a moment." + said;
          case 502: case 503: case 504: return "The server is starting or stopping. Try again in a moment." + said;
          default: return this.message || "The server answered with status " + this.status + ".";
        }
      }
    }

    async function call(path, body) {
      const headers = {}, key = at("key").value;
      if (key) headers.Authorization = "Bearer " + key;
      if (body) headers["Content-Type"] = "application/json";
      let response, text;
      try {
        response = await fetch(base + path, {
          method: body ? "POST" : "GET", headers, cache: "no-store",
          body: body && JSON.stringify(body), signal: running && running.signal,
        });
        text = await response.text();
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("The server can't be reached. Is it running, and is the network up?");
      }
      let answer;
      try { answer = JSON.parse(text); } catch { answer = undefined; }
      if (response.status === 401) {
        at("key-row").hidden = false;
        at("key").focus();
      }
      if (!response.ok) {
        throw new Refusal(response.status, (answer && (answer.error || answer.message)) || text.slice(0, 300));
      }
      if (answer === undefined) throw new Error("The answer of /" + path + " is no JSON. Is this path served by something else?");
      return { answer, headers: response.headers };
    }

    /// All inputs in as many requests as the server's limit makes of them; answers in order.
    async function inParts(path, inputs, bodyOf) {
      const most = Math.max(1, info.max_client_batch_size || 32), answers = [];
      const sums = { tokens: 0, server: 0, cut: 0, texts: inputs.length, known: true };
      const start = performance.now(), { signal } = running;
      for (let i = 0; i < inputs.length; i += most) {
        const { answer, headers } = await call(path, bodyOf(inputs.slice(i, i + most)));
        signal.throwIfAborted();
        answers.push({ answer, offset: i });
        const tokens = headers.get("x-compute-tokens"), time = headers.get("x-compute-time") || headers.get("x-total-time");
        sums.known = sums.known && tokens !== null && time !== null;
        sums.tokens += Number(tokens);
        sums.server += Number(time);
        sums.cut += Number(headers.get("x-truncated-inputs"));
        if (inputs.length === 1) sums.inference = headers.get("x-inference-time");
      }
      sums.trip = performance.now() - start;
      return { answers, sums };
    }

    // ---- showing

    function score(label, value, text, other) {
      const fill = make("i"), track = make("div", { className: "track" }, fill);
      fill.style.width = 100 * Math.min(1, Math.max(0, value)) + "%";
      track.setAttribute("aria-hidden", "true");
      return make("div", { className: other ? "score other" : "score" },
        make(other ? "span" : "b", {}, label), track, make("span", {}, text));
    }

    function card(text, ...rows) {
      return make("li", { className: "card" },
        make("p", { title: text.length > 100 ? text : "" }, text || "(an empty text)"), ...rows);
    }

    function labels(scores) {
      const rows = scores.map((s, i) => score(s.label, s.score, percent(s.score), i > 0));
      if (rows.length <= shown + 1) return rows;
      const rest = rows.splice(shown);
      return [...rows, make("details", {}, make("summary", {}, plural(rest.length, "more label")), ...rest)];
    }

    function heading(sums) {
      const ms = (n) => (n < 1 ? "under 1 ms" : Math.round(n) + " ms");
      const parts = [plural(sums.texts, "text")];
      if (sums.known) {
        let server = ms(sums.server) + " in the server";
        if (sums.inference !== undefined && sums.inference !== null) server += " (model " + ms(Number(sums.inference)) + ")";
        parts.push(plural(sums.tokens, "token"), server);
      }
      parts.push(ms(sums.trip) + " with the network");
      at("stats").textContent = parts.join(" · ");
      at("cut").hidden = !sums.cut;
      const most = plural(info.max_input_length, "token");
      at("cut").textContent = sums.cut === 1
        ? "1 text was too long: only its first " + most + " were read."
        : plural(sums.cut, "text") + " were too long: only the first " + most + " of each were read.";
    }

    const tasks = {
      classifier: {
        name: "classifier", button: "Classify", lines: true,
        async run(texts) {
          const { answers, sums } = await inParts("predict", texts, (part) =>
            ({ inputs: part.map((text) => [text]) }));
          const scores = answers.flatMap(({ answer }) => answer);
          return [sums, make("ol", {}, ...texts.map((text, i) => card(text, ...labels(scores[i]))))];
        },
      },
      reranker: {
        name: "reranker", button: "Rank", text: "Texts, one a line",
        async run(texts) {
          const query = at("query").value;
          if (!query.trim()) throw new Error("Enter a query that the texts are ranked for.");
          const { answers, sums } = await inParts("rerank", texts, (part) => ({ query, texts: part }));
          const ranks = answers.flatMap(({ answer, offset }) =>
            answer.map((rank) => ({ score: rank.score, index: rank.index + offset })));
          ranks.sort((a, b) => b.score - a.score);
          return [sums, make("ol", {}, ...ranks.map((rank, i) =>
            card(texts[rank.index], score("line " + (rank.index + 1), rank.score, rank.score.toFixed(4), i > 0))))];
        },
      },
      embedding: {
        name: "embedding model", button: "Compare", text: "Texts to compare, one a line",
        async run(texts) {
          if (texts.length < 2) throw new Error("Enter at least two lines: they are compared with each other.");
          if (texts.length > mostCompared) throw new Error("Enter at most " + mostCompared + " lines to compare.");
          const { answers, sums } = await inParts("embed", texts, (part) => ({ inputs: part }));
          const rows = answers.flatMap(({ answer }) => answer);
          const similarity = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
          const head = make("tr", {}, make("td", { style: "--v: 0" }), ...texts.map((_, i) => make("th", { scope: "col" }, String(i + 1))));
          const body = rows.map((a, i) => make("tr", {},
            make("th", { scope: "row", title: texts[i] }, i + 1 + ". " + texts[i]),
            ...rows.map((b) => {
              const value = similarity(a, b), cell = make("td", {}, value.toFixed(2));
              cell.style.setProperty("--v", Math.min(1, Math.max(0, value)).toFixed(3));
              return cell;
            })));
          return [sums, make("div", { className: "scroll", tabIndex: 0 },
            make("table", {}, make("caption", { className: "quiet" }, "Cosine similarity"),
              make("thead", {}, head), make("tbody", {}, ...body)))];
        },
      },
    };

    // ---- the form

    function fail(error) {
      at("error").textContent = error.words || error.message;
      at("error").hidden = false;
    }

    async function learn() {
      for (let tries = 0; !info; tries++) {
        try {
          info = (await call("info")).answer;
        } catch (error) {
          if (error.status !== 503 || tries === 150) throw error;
          at("facts").textContent = "The server is loading its model…";
          await pause(2000);
        }
      }
      const name = info.served_model_name || info.model_id;
      kind = Object.keys(info.model_type || {}).find((key) => key in tasks);
      at("model").textContent = String(name).replace(/\/+$/, "").split("/").pop();
      at("model").title = info.model_id;
      document.title = at("model").textContent + " – Swiftlet";
      if (!kind) throw new Error("This page knows no way to show what this kind of model answers.");
      const task = tasks[kind], known = info.model_type[kind].id2label;
      at("facts").textContent = [
        task.name + (kind === "classifier" && known ? " with " + plural(Object.keys(known).length, "label") : ""),
        "reads " + plural(info.max_input_length, "token"), info.model_dtype,
      ].filter(Boolean).join(" · ");
      at("send").textContent = task.button;
      at("text-label").textContent = task.text || "Text";
      at("lines-row").hidden = !task.lines;
      at("query-row").hidden = kind !== "reranker";
    }

    async function send() {
      if (running) running.abort();
      const mine = (running = new AbortController());
      at("error").hidden = true;
      at("send").setAttribute("aria-busy", "true");
      try {
        if (!info) await learn();
        const whole = at("text").value;
        const apart = !tasks[kind].lines || at("lines").checked;
        const texts = apart ? whole.split(/\r?\n/).filter((line) => line.trim()) : [whole];
        if (!texts.some((text) => text.trim())) throw new Error("Enter a text first.");
        const [sums, element] = await tasks[kind].run(texts);
        heading(sums);
        at("result").replaceChildren(element);
      } catch (error) {
        if (error.name === "AbortError") return;
        at("stats").textContent = "";
        at("cut").hidden = true;
        at("result").replaceChildren();
        fail(error);
      } finally {
        if (running === mine) {
          running = undefined;
          at("send").removeAttribute("aria-busy");
        }
      }
    }

    at("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
    addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
      if (event.key === "Escape" && running) running.abort();
    });
    const given = new URLSearchParams(location.hash.slice(1));
    if (given.has("query")) at("query").value = given.get("query");
    if (given.has("text")) {
      at("text").value = given.get("text");
      send();
    } else {
      learn().catch((error) => {
        at("facts").textContent = "";
        fail(error);
      });
    }
    """#
}
#endif
