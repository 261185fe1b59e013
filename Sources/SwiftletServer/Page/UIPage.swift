#if Server
/// The page to try a model on in a browser: `GET /ui`.
///
/// One document with no outside assets, so that it works in closed networks; its own policy lets it
/// talk to the server that it came from and to nobody else. Addresses are relative to where it
/// stands, so that it works under any path that a proxy puts the server under. What a user or the
/// server says is only ever inserted as text. `#text=…` fills in a text and sends it.
enum UIPage {
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
    <link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 4c4 5 8 6 14 2-3 5-5 7-9 7 1-1 2-2 2-3-3 0-6-2-7-6z' fill='%230e7c66'/%3E%3C/svg%3E">
    <title>Swiftlet</title>
    <style>

    """# + style + #"""

      </style>
      </head>
      <body>
      <main>
      <header>
        <h1 id="model">Swiftlet</h1>
        <p id="facts" class="quiet">Asking the server what it serves…</p>
      </header>

      <form id="form">
        <div id="key-row" hidden>
          <label for="key">API key</label>
          <input id="key" type="password" autocomplete="off" spellcheck="false">
        </div>
        <div id="query-row" hidden>
          <label for="query">Query</label>
          <input id="query" type="text" autocomplete="off">
        </div>
        <label for="text" id="text-label">Text</label>
        <textarea id="text" rows="5" autofocus aria-describedby="hint"></textarea>
        <div class="row">
          <button id="send" type="submit">Classify</button>
          <label class="check" id="lines-row"><input id="lines" type="checkbox" checked> Each line is a text</label>
          <span id="hint" class="quiet">Ctrl+Enter sends, Escape cancels</span>
        </div>
      </form>

      <p id="error" role="alert" hidden></p>
      <section aria-label="Result">
        <p id="stats" class="quiet" role="status"></p>
        <p id="cut" class="note" role="status" hidden></p>
        <div id="result"></div>
      </section>
      </main>
      <script>

      """# + script + #"""

      </script>
      </body>
      </html>

      """#
}
#endif
