#if Server
/// The page of `GET /docs`: what `/api-doc/openapi.json` says, for people. As ``UIPage`` it is one document
/// without outside assets, with addresses relative to where it is.
enum DocumentationPage {
  /// The whole page, UTF-8, to be sent as `text/html; charset=utf-8`.
  static let html =
    #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'">
    <link rel="icon" href="data:,">
    <title>Routes – Swiftlet</title>
    <style>

    """# + UIPage.style + #"""

      h2 { font-size: 1.1rem; margin: 1.8rem 0 .6rem; }
      h3 { font-size: .95rem; margin: 1rem 0 .3rem; }
      details.card > summary { margin: 0; color: inherit; font-size: 1rem; overflow-wrap: anywhere; }
      summary b { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
      pre {
        margin: .3rem 0; padding: .6rem .8rem; border-radius: .5rem; background: var(--track);
        white-space: pre-wrap; overflow-wrap: anywhere; max-height: 20rem; overflow-y: auto;
        font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace;
      }
      dl { margin: 0; }
      dt { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9rem; }
      dd { margin: 0 0 .4rem 1rem; color: var(--quiet); font-size: .9rem; }
      a { color: var(--accent); }
      </style>
      </head>
      <body>
      <main>
      <header>
        <h1>Routes</h1>
        <p id="about" class="quiet">Asking the server what it serves…</p>
        <p class="quiet"><a href="ui">A page to try the model on</a> · <a href="api-doc/openapi.json">OpenAPI 3.1</a></p>
      </header>
      <p id="error" role="alert" hidden></p>
      <div id="routes"></div>
      </main>
      <script>
      "use strict";
      const base = location.pathname.replace(/docs\/*$/, "");
      const make = (name, properties = {}, ...children) => {
        const element = Object.assign(document.createElement(name), properties);
        element.append(...children);
        return element;
      };
      const code = (value) => make("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 1));
      // An apostrophe ends a string of the shell.
      const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

      function fields(schema, schemas) {
        const list = make("dl");
        for (const [name, field] of Object.entries(schema.properties || {})) {
          const known = field.$ref ? schemas[field.$ref.split("/").pop()] : field;
          const words = [
            [...new Set((known.oneOf || [known]).flatMap((form) => form.type || "array"))].filter((type) => type !== "null").join(" or "),
            (schema.required || []).includes(name) ? "required" : "default" in known ? "default " + known.default : "",
            known.description,
          ].filter(Boolean);
          list.append(make("dt", {}, name), make("dd", {}, words.join(" · ")));
        }
        return list;
      }

      function route(path, method, operation, schemas) {
        const parts = [], body = operation.requestBody && operation.requestBody.content["application/json"];
        const address = location.origin + base + path.slice(1);
        if (body) {
          parts.push(make("h3", {}, "Request"), fields(schemas[body.schema.$ref.split("/").pop()], schemas));
          for (const example of Object.values(body.examples)) {
            parts.push(code("curl " + quoted(address) + (operation.security && operation.security.length ? " -H 'Authorization: Bearer KEY'" : "") +
              " -H 'Content-Type: application/json' -d " + quoted(JSON.stringify(example.value))));
          }
        }
        for (const [status, response] of Object.entries(operation.responses)) {
          const content = Object.values(response.content || {})[0];
          parts.push(make("h3", {}, status + " " + response.description));
          if (content && content.example !== undefined) parts.push(code(content.example));
        }
        return make("details", { className: "card" },
          make("summary", {}, make("b", {}, method.toUpperCase() + " " + path), " – " + operation.summary), ...parts);
      }

      async function show() {
        const response = await fetch(base + "api-doc/openapi.json", { cache: "no-store" });
        const answer = await response.json();
        if (!response.ok) throw new Error(answer.error);
        document.getElementById("about").textContent = answer.info.description;
        const groups = {};
        for (const [path, methods] of Object.entries(answer.paths)) {
          for (const [method, operation] of Object.entries(methods)) {
            (groups[operation.tags[0]] ||= []).push(route(path, method, operation, answer.components.schemas));
          }
        }
        for (const [name, routes] of Object.entries(groups)) {
          document.getElementById("routes").append(make("h2", {}, name), ...routes);
        }
      }
      show().catch((error) => {
        document.getElementById("about").textContent = "";
        document.getElementById("error").hidden = false;
        document.getElementById("error").textContent =
          "The description of the server can't be shown: " + error.message + ". Load this page again in a moment.";
      });
      </script>
      </body>
      </html>

      """#
}
#endif
