// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

namespace cuatro::cli {

// The style sheet of report.html, light and dark.
inline constexpr const char* kReportStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2328; --soft: #59636e; --rule: #d8dee4; --panel:
  #f6f8fa; --run: #0969da; --base: #bc4c00; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --rule: #30363d;
  --panel: #151b23; --run: #58a6ff; --base: #f0883e; --good: #3fb950; --bad: #f85149; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px }
h1 { font-size: 26px; margin: 0 }
h2 { font-size: 18px; margin: 40px 0 6px }
p { margin: 4px 0 12px; max-width: 76ch }
.soft, figcaption { color: var(--soft) }
figure { margin: 0 }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 20px 0 }
.fact { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 10px 14px }
.fact b { display: block; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums }
.fact span { color: var(--soft); font-size: 13px }
.good b { color: var(--good) }
.bad b { color: var(--bad) }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 20px }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px 20px; margin-top:
  12px }
svg { width: 100%; height: auto; display: block }
svg text { fill: var(--soft); font-size: 12px }
svg .power { font-size: 9px }
svg .label { fill: var(--ink) }
.axis { stroke: var(--soft) }
.grid { stroke: var(--rule) }
.curve { fill: none; stroke-width: 2 }
.curve.run { stroke: var(--run) }
.curve.base { stroke: var(--base) }
.band { opacity: .14 }
.band.run { fill: var(--run) }
.band.base { fill: var(--base) }
.bar { fill: var(--run) }
.range { fill: var(--good); opacity: .13 }
.legend { display: flex; gap: 22px; font-size: 13px; margin: 4px 0 10px }
.legend i { display: inline-block; width: 22px; height: 3px; margin-right: 7px; vertical-align: middle }
.legend .run { background: var(--run) }
.legend .base { background: var(--base) }
.legend .range { height: 12px }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 60% }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap }
th { color: var(--soft); font-weight: 600 }
th:first-child, td:first-child, td.word, th.word { text-align: left }
td .meter { display: inline-block; width: 90px; height: 8px; margin-left: 10px; background: var(--rule);
  border-radius: 4px; overflow: hidden; vertical-align: middle }
td .meter i { display: block; height: 100%; background: var(--run) }
pre, code { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 16px; overflow-x:
  auto }
#config { columns: 2 380px }
code { overflow-wrap: anywhere }
)";

}  // namespace cuatro::cli
