#if Server
extension UIPage {
  /// Colours follow the system's choice of light or dark; all text has a contrast of 4.5 and more, and
  /// the borders of fields one of 3 and more.
  static let style =
    #"""
    :root {
      --page: #f6f7f5; --card: #fff; --ink: #1b2420; --quiet: #5a665f; --line: #d8ded9;
      --accent: #0e7c66; --on-accent: #fff; --bar: #0e7c66; --track: #e7ece8; --bad: #a5281b;
      --bad-page: #fdeeeb; --heat: 14 124 102; --field: #76837c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #121715; --card: #1a211e; --ink: #e6ece8; --quiet: #9caaa2; --line: #2f3934;
        --accent: #4fc3a5; --on-accent: #06231b; --bar: #3aa78b; --track: #28312d; --bad: #ff9d8f;
        --bad-page: #3a1d19; --heat: 79 195 165; --field: #75837b;
      }
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
    }
    main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
    header p { margin: .25rem 0 1.75rem; }
    .quiet { color: var(--quiet); font-size: .9rem; }
    label { display: block; font-weight: 600; font-size: .9rem; margin-bottom: .35rem; }
    textarea, input[type=text], input[type=password] {
      width: 100%; padding: .7rem .8rem; margin-bottom: .9rem; border: 1px solid var(--field);
      border-radius: .6rem; background: var(--card); color: inherit; font: inherit;
    }
    textarea { resize: vertical; min-height: 7rem; display: block; }
    :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
    .row { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1.1rem; }
    .row .quiet { margin-left: auto; }
    .check { font-weight: 400; margin: 0; display: flex; align-items: center; gap: .45rem; }
    .check input { accent-color: var(--accent); width: 1rem; height: 1rem; margin: 0; }
    button {
      padding: .6rem 1.3rem; border: 0; border-radius: .6rem; background: var(--accent);
      color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer;
    }
    button:hover { filter: brightness(1.08); }
    button[aria-busy=true] { opacity: .65; cursor: progress; }
    #error {
      margin: 1.25rem 0 0; padding: .75rem 1rem; border-radius: .6rem; color: var(--bad);
      background: var(--bad-page); border: 1px solid currentColor; overflow-wrap: anywhere;
    }
    .note {
      margin: 0 0 .8rem; padding: .55rem .9rem; border-radius: .6rem; background: var(--card);
      border: 1px solid var(--field); font-size: .95rem;
    }
    #stats { min-height: 1.4rem; margin: 1.6rem 0 .6rem; }
    ol { list-style: none; margin: 0; padding: 0; }
    .card {
      background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
      padding: .9rem 1.1rem; margin-bottom: .7rem;
    }
    .card p {
      margin: 0 0 .6rem; overflow-wrap: anywhere; white-space: pre-wrap;
      display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden;
    }
    .score {
      display: grid; grid-template-columns: minmax(5rem, 11rem) 1fr 4.2rem; gap: .9rem;
      align-items: center; font-size: .95rem; line-height: 1.7;
    }
    .score b, .score span:first-child { overflow-wrap: anywhere; line-height: 1.3; }
    .score span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
    .track { height: .55rem; border-radius: .3rem; background: var(--track); overflow: hidden; }
    .track i { display: block; height: 100%; min-width: 1px; border-radius: .3rem; background: var(--bar); }
    .score.other { color: var(--quiet); }
    .score.other i { opacity: .45; }
    summary { cursor: pointer; color: var(--quiet); font-size: .9rem; margin-top: .3rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: separate; border-spacing: 2px; font-size: .9rem; }
    td {
      min-width: 3.4rem; padding: .45rem .5rem; text-align: center; border-radius: .35rem;
      font-variant-numeric: tabular-nums; background: rgb(var(--heat) / calc(var(--v) * .42));
    }
    caption { text-align: left; padding-bottom: .3rem; }
    th { font-weight: 600; padding: .3rem .5rem; }
    tbody th {
      font-weight: 400; text-align: left; max-width: min(18rem, 45vw); overflow: hidden; white-space: nowrap;
      text-overflow: ellipsis;
    }
    @media (max-width: 34rem) {
      main { padding: 1.5rem .9rem 3rem; }
      .card { padding: .8rem .9rem; }
      .score { grid-template-columns: 1fr auto; gap: .1rem .9rem; margin-bottom: .55rem; }
      .score .track { grid-row: 2; grid-column: 1 / -1; }
    }
    @media (prefers-reduced-motion: no-preference) {
      .track i { animation: grow .3s ease-out; transform-origin: left; }
      @keyframes grow { from { transform: scaleX(0); } }
    }
    """#
}
#endif
