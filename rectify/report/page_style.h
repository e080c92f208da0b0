// How the report's page looks: inline, for screens of any width and for paper.
#pragma once

#include <string_view>

namespace rectify::report {

inline constexpr std::string_view page_style = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1f2933; font: 15px/1.55 -apple-system, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 40px 28px 80px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 22px; line-height: 1.25; margin: 64px 0 4px; padding-top: 18px; border-top: 2px solid #1f2933; }
h3 { font-size: 16px; margin: 40px 0 10px; }
p.lead { color: #5b6877; margin: 0 0 20px; max-width: 110ch; }
p.stopped { border-left: 4px solid #d0520c; background: #fdf3ed; padding: 10px 14px; max-width: 76ch; }
nav ol { margin: 18px 0 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 6px 22px; }
a { color: #0060a8; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 34px 44px; align-items: start; margin: 18px 0; }
.figures.layer { grid-template-columns: repeat(auto-fit, minmax(min(100%, 350px), 1fr)); gap: 28px 32px; }
figure { margin: 0; break-inside: avoid; }
figure svg { display: block; width: 100%; max-width: 640px; height: auto; }
figure.wide svg { max-width: 980px; }
figure.wide figcaption { max-width: 110ch; }
figure.wide + figure.wide { margin-top: 34px; }
figcaption { color: #5b6877; font-size: 13px; line-height: 1.45; margin-top: 8px; max-width: 68ch; }
.tiles { display: flex; flex-wrap: wrap; gap: 14px 44px; margin: 22px 0 26px; }
.tiles div { min-width: 90px; }
.tiles b { display: block; font-size: 26px; line-height: 1.2; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles span { color: #5b6877; font-size: 13px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; margin: 10px 0 6px; }
th, td { text-align: left; vertical-align: top; padding: 6px 22px 6px 0; border-bottom: 1px solid #e5e9ee; overflow-wrap: anywhere; }
th { font-weight: 600; color: #5b6877; white-space: nowrap; }
thead th { border-bottom: 1px solid #9aa5b1; color: #1f2933; white-space: normal; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.differs { font-weight: 600; }
code { font-family: ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; font-size: 12.5px; }
details summary { cursor: pointer; color: #0060a8; font-size: 14px; margin-top: 18px; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 6px; margin-right: 7px; }
.finding { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 14px 36px; align-items: start; margin: 16px 0; padding: 4px 16px 12px;
  border-left: 4px solid #9aa5b1; break-inside: avoid; }
.finding.fault { border-color: #d0520c; background: #fdf3ed; }
.finding.warning { border-color: #b88100; background: #fdf8ea; }
.finding h4 { font-size: 15px; margin: 10px 0 8px; }
.finding p { margin: 4px 0; }
.finding th { white-space: normal; overflow-wrap: normal; }
.finding th, .finding td { padding-right: 14px; }
.finding ul { margin: 4px 0; padding-left: 20px; }
.finding figure { margin-top: 10px; }
.disc { display: inline-block; min-width: 20px; border-radius: 10px; background: #5b6877; color: #fff; font-size: 12px; line-height: 20px; text-align: center; }
.fault .disc { background: #d0520c; }
.warning .disc { background: #b88100; }
@media print { main { max-width: none; padding: 0; } h2 { break-before: page; } details { display: block; } }
)css";

}  // namespace rectify::report
