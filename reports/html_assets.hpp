// The style sheet and the script of the HTML report. The page's content security policy allows these two by
// their hash and nothing else.
#pragma once

#include <string_view>

namespace assay {

inline constexpr std::string_view html_style = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f27; --soft: #59616e; --line: #d9dde4; --code: #f1f3f6; --link: #1753b3;
  --critical: #8d1145; --high: #b3261e; --medium: #8f5600; --low: #1f5fae; --info: #4c5563; --good: #1d6f42; --open: #6a45a8;
  --mark: #ffe3a3; --shadow: 0 1px 2px rgb(20 30 50 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --ink: #e6e9ee; --soft: #a3acba; --line: #343c47; --code: #242b34; --link: #8ab4f8;
    --critical: #ff8ab5; --high: #ff8f85; --medium: #f2b35c; --low: #8ab9ff; --info: #b3bcc9; --good: #7bd3a0; --open: #c5a9f5;
    --mark: #5c4713; --shadow: none;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 5.5rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
h1 { font-size: 1.55rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0; display: inline; }
p { margin: .35rem 0; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, pre, .at { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: .86em; }
code { unicode-bidi: isolate; overflow-wrap: anywhere; }
p code, li > code, td code { background: var(--code); border-radius: 4px; padding: .08em .3em; }
.soft { color: var(--soft); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 9; }
.top { padding-top: 1.8rem; padding-bottom: .4rem; }
.meta { color: var(--soft); font-size: .9rem; margin: .3rem 0 0; }
.meta span + span::before { content: "\00a0\00b7\00a0 "; }
.banner { border: 1px solid var(--high); border-left-width: 5px; background: var(--card); border-radius: 6px; padding: .6rem 1rem; margin: 1rem 0 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); padding: 1rem 1.2rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.2rem, 1fr)); gap: .7rem; margin: 1.2rem 0 .8rem; }
.tile { display: block; background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--c, var(--line)); border-radius: 8px; padding: .55rem .9rem .6rem; color: inherit; box-shadow: var(--shadow); }
a.tile:hover { text-decoration: none; border-color: var(--c); }
.tile b { display: block; font-size: 1.7rem; line-height: 1.15; font-variant-numeric: tabular-nums; color: var(--c, inherit); }
.tile.zero b { color: var(--soft); font-weight: 500; }
.tile span { color: var(--soft); font-size: .85rem; }
.two { display: grid; grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: .8rem; align-items: start; }

.critical { --c: var(--critical); } .high { --c: var(--high); } .medium { --c: var(--medium); } .low { --c: var(--low); } .info { --c: var(--info); }
.pass { --c: var(--good); } .fail, .error { --c: var(--high); } .unknown { --c: var(--open); } .waived, .note { --c: var(--soft); } .not-applicable { --c: var(--line); } .warning { --c: var(--medium); }
.badge { display: inline-block; color: var(--c); border: 1px solid var(--c); border-radius: 999px; padding: 0 .6em; font-size: .78rem; font-weight: 600; line-height: 1.5; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; padding: .28rem .6rem .28rem 0; border-top: 1px solid var(--line); vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .82rem; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.n.zero { color: var(--soft); font-weight: 300; opacity: .75; }
table.wide td.n, table.wide th.n { width: 6.5rem; }
.scroll { overflow-x: auto; }
.bar { display: block; width: 100%; height: 14px; border-radius: 7px; overflow: hidden; margin: .5rem 0; background: var(--line); }
.bar rect { fill: var(--c); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0; padding: 0; list-style: none; font-size: .9rem; }
.legend i { display: inline-block; width: .7em; height: .7em; border-radius: 2px; background: var(--c); margin-right: .4em; }
.filters { display: none; position: sticky; top: 0; z-index: 2; background: var(--page); padding: .6rem 0; border-bottom: 1px solid var(--line); margin-bottom: .8rem; gap: .5rem .8rem; flex-wrap: wrap; align-items: center; }
.js .filters { display: flex; }
.filters input, .filters select, .filters button { font: inherit; font-size: .9rem; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .55rem; max-width: 100%; }
.filters select { max-width: 17rem; }
.filters input { flex: 1 1 100%; }
.filters output { color: var(--soft); font-size: .9rem; font-variant-numeric: tabular-nums; }
.g { margin: 0 0 .7rem; padding: 0; border-left: 5px solid var(--c); }
.g > details > summary { cursor: pointer; padding: .6rem 1rem; list-style-position: inside; }
.g > details > summary .id { margin-left: .4rem; }
.g > details > summary .n { float: right; color: var(--soft); font-variant-numeric: tabular-nums; }
.g .body { padding: 0 1.1rem .6rem; }
.why { border-bottom: 1px solid var(--line); padding-bottom: .6rem; font-size: .94rem; }
.fs { list-style: none; margin: 0; padding: 0; }
.f { padding: .65rem 0 .7rem; content-visibility: auto; contain-intrinsic-size: auto 8.5rem; }
.f + .f { border-top: 1px solid var(--line); }
.f p { margin: .15rem 0; }
.f .m { font-weight: 550; }
.at { overflow-wrap: anywhere; }
.f:target { background: color-mix(in srgb, var(--mark) 35%, transparent); }
pre { margin: .4rem 0; padding: .4rem .7rem; background: var(--code); border-radius: 6px; overflow-x: auto; line-height: 1.35; tab-size: 4; unicode-bidi: isolate; }
pre .ln { color: var(--soft); user-select: none; }
pre .caret { color: var(--c); font-weight: 700; user-select: none; }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
.notes { margin: .2rem 0; padding-left: 1.1rem; font-size: .92rem; }
.notes pre { margin: .2rem 0; }
.fp, .fp a { color: var(--soft); font-size: .78rem; }
.list { margin: 0; padding-left: 1.2rem; }
.empty { padding: 1.2rem; text-align: center; }
footer { color: var(--soft); font-size: .85rem; padding: 2rem 1.5rem; }
[hidden] { display: none !important; }
@media (max-width: 56rem) {
  main, header, footer { padding: 0 1rem; }
  .two { grid-template-columns: minmax(0, 1fr); }
  .filters { position: static; }
}
@media print {
  :root { --page: #fff; --card: #fff; --shadow: none; }
  body { font-size: 10pt; }
  .filters, .skip { display: none !important; }
  .f { content-visibility: visible; }
  .f, .tile, tr { break-inside: avoid; }
  pre { white-space: pre-wrap; border: 1px solid var(--line); }
  a { color: inherit; }
}
)css";

inline constexpr std::string_view html_script = R"js(
'use strict';
(function () {
  var root = document.documentElement, form = document.getElementById('filters');
  if (!form) return;
  root.classList.add('js');
  var fields = ['severity', 'state', 'family', 'rule', 'q'];
  var shown = document.getElementById('shown'), none = document.getElementById('none');
  var groups = Array.prototype.map.call(document.querySelectorAll('.g'), function (g) {
    var d = g.dataset;
    return {
      node: g, severity: d.severity, family: d.family, rule: d.rule, number: g.querySelector('.shown'), head: null,
      rows: Array.prototype.map.call(g.querySelectorAll('.f'), function (f) { return {node: f, state: f.dataset.state, text: null}; })
    };
  });
  var total = groups.reduce(function (sum, g) { return sum + g.rows.length; }, 0);

  function apply() {
    var want = {}, all = 0;
    fields.forEach(function (name) { want[name] = form.elements[name].value.trim(); });
    var words = want.q.toLowerCase().split(/\s+/).filter(Boolean);
    var severities = want.severity ? want.severity.split(',') : null;
    groups.forEach(function (g) {
      var number = 0;
      var group = (!severities || severities.indexOf(g.severity) >= 0) && (!want.family || want.family === g.family) &&
                  (!want.rule || want.rule === g.rule);
      if (group && words.length && g.head === null) g.head = g.node.querySelector('summary').textContent.toLowerCase() + ' ';
      g.rows.forEach(function (row) {
        var ok = group && (!want.state || want.state === row.state);
        if (ok && words.length) {
          if (row.text === null) row.text = g.head + row.node.textContent.toLowerCase();
          ok = words.every(function (word) { return row.text.indexOf(word) >= 0; });
        }
        row.node.hidden = !ok;
        if (ok) number++;
      });
      g.node.hidden = number === 0;
      g.number.textContent = number;
      all += number;
    });
    shown.textContent = all + ' of ' + total + ' shown';
    none.hidden = all !== 0 || total === 0;
  }

  // The filter stands in the address, so that a view of the report can be sent to somebody.
  function read() {
    var hash = location.hash.slice(1);
    if (hash && hash.indexOf('=') < 0) return open(hash);
    var given = new URLSearchParams(hash);
    fields.forEach(function (name) { form.elements[name].value = given.get(name) || ''; });
    apply();
    if (hash) document.getElementById('findings').scrollIntoView();
  }
  function write() {
    var given = new URLSearchParams();
    fields.forEach(function (name) { var v = form.elements[name].value.trim(); if (v) given.set(name, v); });
    var text = given.toString();
    history.replaceState(null, '', text ? '#' + text : location.pathname + location.search);
    apply();
  }
  function open(id) {
    var target = document.getElementById(id), box = target && target.closest('details');
    apply();
    if (box) { box.open = true; target.scrollIntoView(); }
  }
  function toggle(state) { document.querySelectorAll('.g > details').forEach(function (d) { d.open = state; }); }

  if (total > 300) groups.forEach(function (g) { if (g.rows.length > 10) g.node.querySelector('details').open = false; });
  form.addEventListener('input', write);
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.addEventListener('reset', function () { setTimeout(write, 0); });
  document.getElementById('open').addEventListener('click', function () { toggle(true); });
  document.getElementById('close').addEventListener('click', function () { toggle(false); });
  window.addEventListener('hashchange', read);
  window.addEventListener('beforeprint', function () { toggle(true); });
  read();
})();
)js";

}  // namespace assay
