// Connections as a matrix that a person can read: sources down, destinations across, grouped by namespace, and under
// it the whole list. One self-contained page; everything is there without the script, which only adds the filter and
// the panel that tells a cell's connections.
#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "reports/markup.hpp"
#include "reports/reach.hpp"

namespace assay {
namespace {

// More workloads than this are shown by namespace.
constexpr std::size_t matrix_limit = 150;
constexpr std::size_t list_limit = 20'000;
const std::string outside = "outside the cluster";

constexpr std::string_view style = R"css(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1b1f27; --soft: #59616e; --line: #d9dde4; --all: #b3261e; --some: #1753b3; --maybe: #6a45a8; --good: #1d6f42; --mark: #ffe9b8; }
@media (prefers-color-scheme: dark) { :root { --page: #12151a; --card: #1b2027; --ink: #e6e9ee; --soft: #a3acba; --line: #343c47; --all: #ff8f85; --some: #8ab9ff; --maybe: #c5a9f5; --good: #7bd3a0; --mark: #4a3a12; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 110rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .soft { color: var(--soft); }
.banner { border-left: 5px solid var(--all); background: var(--card); padding: .5rem 1rem; border-radius: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; padding: 0; list-style: none; }
.legend b { display: inline-block; width: 1.3em; text-align: center; }
.frame { overflow: auto; max-height: 85vh; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: separate; border-spacing: 0; font-size: .85rem; }
.matrix th { font-weight: 500; }
.matrix thead th { position: sticky; top: 0; z-index: 2; background: var(--card); height: 13rem; vertical-align: bottom; padding: 0; min-width: 1.6rem; width: 1.6rem; border-bottom: 1px solid var(--line); }
.matrix thead th > span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 12.5rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: .2rem 0; }
.matrix tbody th, .matrix thead th:first-child { position: sticky; left: 0; z-index: 1; background: var(--card); text-align: right; padding: 0 .6rem; border-right: 1px solid var(--line); white-space: nowrap; max-width: 26rem; overflow: hidden; text-overflow: ellipsis; }
.matrix thead th:first-child { z-index: 3; width: auto; font-weight: 400; color: var(--soft); padding-bottom: .4rem; }
.matrix td { width: 1.6rem; min-width: 1.6rem; height: 1.55rem; text-align: center; border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); padding: 0; cursor: default; }
.matrix tr.first > * { border-top: 2px solid var(--soft); } .matrix .first-column { border-left: 2px solid var(--soft); }
.matrix tbody tr:hover > *, .matrix .column { background: var(--mark); }
.matrix td[tabindex]:focus { outline: 2px solid var(--some); outline-offset: -2px; }
.self { background: var(--line); }
.all { color: var(--all); } .some { color: var(--some); } .maybe { color: var(--maybe); font-weight: 700; }
.added { color: var(--all); font-weight: 700; } .removed { color: var(--good); font-weight: 700; } .changed { color: var(--some); font-weight: 700; }
#panel { position: sticky; bottom: 0; z-index: 4; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .5rem 1rem; margin-top: .6rem; min-height: 4.2rem; white-space: pre-line; display: none; }
.js #panel { display: block; }
#filter { display: none; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .3rem .6rem; width: min(40rem, 100%); margin-bottom: .5rem; }
.js #filter { display: block; }
.list { width: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.list th, .list td { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
@media print { .frame { max-height: none; overflow: visible; } #panel, #filter { display: none !important; } .matrix thead th, .matrix tbody th { position: static; } }
)css";

constexpr std::string_view script = R"js(
'use strict';
(function () {
  document.documentElement.classList.add('js');
  var panel = document.getElementById('panel'), filter = document.getElementById('filter');
  function tell(cell) {
    if (cell && cell.tagName === 'TD' && cell.title) panel.textContent = cell.title;
    document.querySelectorAll('.column').forEach(function (c) { c.classList.remove('column'); });
    var table = cell && cell.closest && cell.closest('.matrix');
    if (!table || cell.cellIndex < 1) return;
    Array.prototype.forEach.call(table.rows, function (row) { if (row.cells[cell.cellIndex]) row.cells[cell.cellIndex].classList.add('column'); });
  }
  document.querySelectorAll('.matrix').forEach(function (table) {
    table.addEventListener('mouseover', function (event) { tell(event.target.closest('td, th')); });
    table.addEventListener('focusin', function (event) { tell(event.target.closest('td')); });
    table.addEventListener('mouseleave', function () { tell(null); });
  });
  if (filter) filter.addEventListener('input', function () {
    var words = filter.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    document.querySelectorAll('.list tbody tr').forEach(function (row) {
      var text = row.textContent.toLowerCase(), ok = words.every(function (word) { return text.indexOf(word) >= 0; });
      row.hidden = !ok;
      if (ok) shown++;
    });
    document.getElementById('shown').textContent = shown;
  });
})();
)js";

struct Cell {
  std::string_view kind;  // class name; empty: nothing passes
  std::string_view symbol;
  std::string told;
};

// How much two kinds of cell say, when a cell stands for several rows.
int weight(std::string_view kind) {
  static constexpr std::string_view order[] = {"", "maybe", "some", "all", "removed", "changed", "added"};
  return static_cast<int>(std::find(std::begin(order), std::end(order), kind) - std::begin(order));
}

class Matrix {
 public:
  explicit Matrix(const ReachScope& scope, bool comparison) {
    std::set<std::string> names(scope.workloads.begin(), scope.workloads.end());
    by_namespace_ = names.size() > matrix_limit;
    for (const std::string& name : names) ends_.insert(end_of(name));
    if (comparison) {
      for (const net::Changed& change : scope.changes) add(change);
    } else {
      for (const ReachRow& row : scope.rows) add(row);
    }
  }

  bool by_namespace() const { return by_namespace_; }

  void write(std::ostream& out) const {
    std::vector<std::string> ends(ends_.begin(), ends_.end());
    // What is no workload first: the outside, then what lets it in.
    auto rank = [](const std::string& end) { return end == outside ? 0 : end.starts_with('{') ? 1 : 2; };
    std::ranges::stable_sort(ends, [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
    out << "<div class=frame><table class=matrix>\n<thead><tr><th scope=col>from \u2193 \u2003 to \u2192</th>";
    for (std::size_t i = 0; i < ends.size(); ++i)
      out << "<th scope=col title=\"" << escaped(ends[i]) << "\"" << (starts_group(ends, i) ? " class=first-column" : "") << "><span>" << escaped(ends[i]) << "</span></th>";
    out << "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < ends.size(); ++i) {
      out << "<tr" << (starts_group(ends, i) ? " class=first" : "") << "><th scope=row title=\"" << escaped(ends[i]) << "\">" << escaped(ends[i]) << "</th>";
      for (std::size_t j = 0; j < ends.size(); ++j) cell(ends, i, j, out);
      out << "</tr>\n";
    }
    out << "</tbody>\n</table></div>\n";
  }

 private:
  std::string end_of(const std::string& name) const {
    if (name.ends_with("[External]")) return outside;
    if (!by_namespace_ || name.starts_with('{')) return name;
    return name.substr(0, name.find('/'));
  }

  static bool starts_group(const std::vector<std::string>& ends, std::size_t i) {
    auto group = [](const std::string& end) { return end.substr(0, end.find('/')); };
    return i > 0 && group(ends[i]) != group(ends[i - 1]);
  }

  void cell(const std::vector<std::string>& ends, std::size_t i, std::size_t j, std::ostream& out) const {
    auto found = cells_.find({ends[i], ends[j]});
    std::string edge = starts_group(ends, j) ? " first-column" : "";
    if (found != cells_.end()) {
      const Cell& one = found->second;
      out << "<td class=\"" << one.kind << edge << "\" tabindex=0 title=\"" << escaped_lines(ends[i] + " \u2192 " + ends[j] + one.told) << "\">" << one.symbol << "</td>";
    } else if (i == j) {
      out << "<td class=\"self" << edge << "\"></td>";
    } else {
      out << "<td" << (edge.empty() ? "" : " class=first-column") << "></td>";
    }
  }

  static std::string escaped_lines(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at <= text.size();) {
      std::size_t end = std::min(text.find('\n', at), text.size());
      if (at > 0) out += "&#10;";
      out += escaped(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
    return out;
  }

  void put(const std::string& from, const std::string& to, std::string_view kind, std::string_view symbol, const std::string& told) {
    std::string source = end_of(from), target = end_of(to);
    ends_.insert(source);
    ends_.insert(target);
    Cell& cell = cells_[{source, target}];
    if (weight(kind) > weight(cell.kind)) {
      cell.kind = kind;
      cell.symbol = symbol;
    }
    // A tooltip of some lines; the list below has them all.
    if (std::ranges::count(cell.told, '\n') < 8) cell.told += "\n" + told;
    else if (!cell.told.ends_with("\u2026")) cell.told += "\n\u2026";
  }

  std::string told(const std::string& from, const std::string& to, const std::string& connection) const {
    std::string ends;
    if (by_namespace_) ends = from + " \u2192 " + to + ": ";
    else if (from.ends_with("[External]")) ends = from + ": ";
    else if (to.ends_with("[External]")) ends = to + ": ";
    return ends + connection;
  }

  void add(const ReachRow& row) {
    bool all = row.connection.allowed == net::PortSet::all();
    bool certain = !row.connection.allowed.empty();
    std::string_view kind = all ? "all" : certain ? "some" : "maybe";
    put(row.from, row.to, kind, all ? "\u25cf" : certain ? "\u25d0" : "?", told(row.from, row.to, connection_text(row.connection)));
  }

  void add(const net::Changed& change) {
    switch (change.kind) {
      case net::Changed::Kind::added:
        return put(change.from, change.to, "added", "+", told(change.from, change.to, "added: " + connection_text(change.after)));
      case net::Changed::Kind::removed:
        return put(change.from, change.to, "removed", "\u2212", told(change.from, change.to, "removed: " + connection_text(change.before)));
      case net::Changed::Kind::changed:
        return put(change.from, change.to, "changed", "\u00b1",
                   told(change.from, change.to, connection_text(change.before) + " became " + connection_text(change.after)));
    }
  }

  bool by_namespace_ = false;
  std::set<std::string> ends_;
  std::map<std::pair<std::string, std::string>, Cell> cells_;
};

void legend(bool comparison, std::ostream& out) {
  if (comparison)
    out << "<ul class=legend><li><b class=added>+</b> added</li><li><b class=removed>\u2212</b> removed</li><li><b class=changed>\u00b1</b> changed</li></ul>\n";
  else
    out << "<ul class=legend><li><b class=all>\u25cf</b> every port</li><li><b class=some>\u25d0</b> some ports</li>"
           "<li><b class=maybe>?</b> not known</li><li><b>\u00a0</b> nothing</li></ul>\n";
}

void list(const ReachReport& report, std::ostream& out) {
  std::size_t rows = 0;
  for (const ReachScope& scope : report.scopes) rows += report.comparison ? scope.changes.size() : scope.rows.size();
  out << "<h2>" << (report.comparison ? "All changes" : "All connections") << " (<span id=shown>" << rows << "</span>)</h2>\n";
  if (rows > list_limit) {
    out << "<p>Too many for a page: <code>assay reach --format json</code> lists them.</p>\n";
    return;
  }
  out << "<input type=search id=filter placeholder=\"Filter: names, ports\" aria-label=Filter autocomplete=off>\n<table class=list>\n<thead><tr>"
         "<th scope=col>from</th><th scope=col>to</th><th scope=col>" << (report.comparison ? "before</th><th scope=col>after" : "connection") << "</th></tr></thead>\n<tbody>\n";
  for (const ReachScope& scope : report.scopes) {
    for (const ReachRow& row : scope.rows)
      out << "<tr><td>" << escaped(row.from) << "</td><td>" << escaped(row.to) << "</td><td>" << escaped(connection_text(row.connection))
          << (row.network.empty() ? "" : " on " + escaped(row.network)) << "</td></tr>\n";
    for (const net::Changed& change : scope.changes)
      out << "<tr><td>" << escaped(change.from) << "</td><td>" << escaped(change.to) << "</td><td>" << escaped(connection_text(change.before)) << "</td><td>"
          << escaped(connection_text(change.after)) << "</td></tr>\n";
  }
  out << "</tbody>\n</table>\n";
}

}  // namespace

void write_reach_html(const ReachReport& report, std::ostream& out) {
  out << page_head(report.comparison ? "assay reach: what changed" : "assay reach", style, script);
  out << "<h1>" << (report.comparison ? "What a change opens and closes" : "Who can talk to whom") << "</h1>\n";
  if (report.comparison) out << "<p class=soft>from <code>" << escaped(report.old_name) << "</code> to <code>" << escaped(report.new_name) << "</code></p>\n";
  if (report.incomplete) out << "<p class=banner role=alert>Some input could not be read: this is not the whole picture.</p>\n";
  out << "<main>\n";
  bool told = false;
  for (const ReachScope& scope : report.scopes) {
    if (!scope.name.empty()) out << "<h2>" << escaped(scope.name) << "</h2>\n";
    for (const Premise& premise : scope.premises) out << "<p class=soft>" << name_of(premise.status) << ": " << escaped(premise.text) << "</p>\n";
    if (scope.refuted) out << "<p class=banner role=alert>Network policies have no effect here: what follows is what they would do.</p>\n";
    legend(report.comparison, out);
    Matrix matrix(scope, report.comparison);
    if (matrix.by_namespace()) out << "<p class=soft>More than " << matrix_limit << " workloads: shown by namespace.</p>\n";
    matrix.write(out);
    told = true;
  }
  if (told) out << "<div id=panel aria-live=polite>Point at a cell to read its connections.</div>\n";
  list(report, out);
  for (const ReachScope& scope : report.scopes) {
    if (scope.exposure.empty()) continue;
    out << "<h2>Exposure to the outside</h2>\n<table class=list><thead><tr><th>workload</th><th></th><th>before</th><th>after</th></tr></thead>\n<tbody>\n";
    for (const net::ExposureChange& change : scope.exposure)
      out << "<tr><td>" << escaped(change.peer) << "</td><td>" << (change.direction == net::Direction::ingress ? "can be reached" : "can reach out") << "</td><td>"
          << escaped(change.before.text()) << "</td><td>" << escaped(change.after.text()) << "</td></tr>\n";
    out << "</tbody></table>\n";
  }
  out << "</main>\n<script>" << script << "</script>\n</body>\n</html>\n";
}

}  // namespace assay
