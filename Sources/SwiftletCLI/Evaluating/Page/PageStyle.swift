/// The style sheet of a report page. Blue and orange can be told apart by colour-blind readers.
enum PageStyle {
  static let css: Markup = """
    :root { color-scheme: light dark; --back: #fff; --panel: #f5f7fa; --ink: #1a2029; --dim: #58626f;
      --line: #d8dee6; --main: #2b6cd4; --other: #c96a14; --heat: #7fb0ff; --wrong: #ffb366; }
    @media (prefers-color-scheme: dark) {
      :root { --back: #12161c; --panel: #1a2028; --ink: #e6eaf0; --dim: #9aa5b3; --line: #323b47;
        --main: #6aa5ff; --other: #f0a050; --heat: #2a62b8; --wrong: #a85a12; }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--back); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    main { max-width: 1240px; margin: 0 auto; padding: 20px 16px 40px; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
    p { margin: 0 0 .75rem; } .dim, figcaption { color: var(--dim); }
    .tiles { display: grid; gap: 10px; margin: 18px 0;
      grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
    .tile, section { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
    .tile { padding: 10px 12px; } .tile b { display: block; font-size: 1.4rem; line-height: 1.3; }
    .tile span { color: var(--dim); font-size: .85rem; }
    section { padding: 14px 16px; min-width: 0; }
    .grid2 { display: grid; gap: 14px; margin-bottom: 14px; align-items: start;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
    .stack > section { margin-bottom: 14px; } .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; width: 100%; }
    th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); vertical-align: top; }
    th { color: var(--dim); font-weight: 600; vertical-align: bottom; }
    th.name, td.name, th.text, td.text { text-align: start; }
    th.n, td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    td.name { overflow-wrap: break-word; max-width: 16rem; } td.text { overflow-wrap: anywhere; width: 60%; }
    .bar { display: block; height: 4px; border-radius: 2px; background: var(--main); margin-top: 2px; }
    .matrix { width: auto; } .matrix td { text-align: right; border: 1px solid var(--back);
      font-variant-numeric: tabular-nums; min-width: 3rem; }
    .matrix thead td { border: 0; }
    .matrix th { text-align: start; max-width: 12rem; overflow-wrap: anywhere; }
    .matrix.many thead th { writing-mode: vertical-rl; max-height: 10rem; text-align: end; }
    svg { display: block; width: 100%; height: auto; } svg text { fill: var(--dim); font-size: 11px; }
    .chart { max-width: 400px; margin: 0 auto; }
    .grid { stroke: var(--line); } .bars { fill: var(--main); } .others { fill: var(--other); }
    .chart .bars { opacity: .6; } .counts { fill: var(--dim); }
    .diagonal { stroke: var(--ink); stroke-dasharray: 4 4; } .whiskers { stroke: var(--ink); fill: var(--ink); }
    .scores { display: grid; gap: 12px 24px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
    figure { margin: 0; max-width: 300px; } figcaption { overflow-wrap: anywhere; }
    code { display: block; padding: 8px 10px; background: var(--back); border: 1px solid var(--line);
      border-radius: 6px; overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
    .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; background: var(--main); }
    .key.o { background: var(--other); }
    footer { color: var(--dim); font-size: .85rem; margin-top: 14px; }
    @media (max-width: 640px) {
      .passages thead { display: none; }
      .passages tr { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 8px 0;
        border-bottom: 1px solid var(--line); }
      .passages td { border: 0; padding: 0; min-width: 0; width: auto; }
      .passages td::before { content: attr(data-label) " "; color: var(--dim); font-size: .85em; }
      .passages td.text { flex-basis: 100%; } .passages td.text::before { content: none; }
      th, td { padding: 4px 6px; } td.n { white-space: normal; }
    }
    @media print { section, .tile { break-inside: avoid; } }
    """
}
