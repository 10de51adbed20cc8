// Connections as a picture: ends on a circle, grouped by namespace, connections as arcs through it. Drawn here rather
// than by Graphviz, whose library (2.42) loses edges and corrupts memory on a hundred connections between namespaces.
#include <cmath>
#include <cstdio>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "reports/markup.hpp"
#include "reports/reach.hpp"

namespace assay {
namespace {

// More than this nobody can tell apart.
constexpr std::size_t most_ends = 200;
constexpr double pi = 3.14159265358979323846;

struct Point {
  double x = 0, y = 0;
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

struct Arc {
  std::string from, to, told;
  std::string_view colour;
};

class Picture {
 public:
  Picture(const ReachScope& scope, std::vector<Arc> arcs) : arcs_(std::move(arcs)) {
    std::set<std::string> names(scope.workloads.begin(), scope.workloads.end());
    for (const Arc& arc : arcs_) {
      names.insert(arc.from);
      names.insert(arc.to);
    }
    ends_.assign(names.begin(), names.end());
    // A gap of one place between groups.
    std::size_t places = 0;
    std::string last;
    std::vector<std::size_t> place;
    for (const std::string& end : ends_) {
      std::string group = end.substr(0, end.find('/'));
      if (group != last) ++places;
      last = group;
      place.push_back(places++);
    }
    radius_ = std::max(120.0, static_cast<double>(places) * 18 / (2 * pi));
    for (std::size_t i = 0; i < ends_.size(); ++i) angle_[ends_[i]] = 2 * pi * static_cast<double>(place[i]) / static_cast<double>(places);
  }

  std::size_t ends() const { return ends_.size(); }
  double size() const { return 2 * (radius_ + 330); }

  void draw(double top, std::ostream& out) const {
    out << "<g transform=\"translate(" << number(size() / 2) << ' ' << number(top + size() / 2) << ")\">\n";
    for (const Arc& arc : arcs_) {
      Point a = at(arc.from, radius_), b = at(arc.to, radius_);
      // Bent to the centre, and a little aside, so that the two directions of a pair are two lines.
      Point middle{(a.x + b.x) * .2 + (b.y - a.y) * .06, (a.y + b.y) * .2 - (b.x - a.x) * .06};
      out << "<path d=\"M" << number(a.x) << ' ' << number(a.y) << " Q" << number(middle.x) << ' ' << number(middle.y) << ' ' << number(b.x) << ' ' << number(b.y)
          << "\" stroke=\"" << arc.colour << "\" marker-end=\"url(#to)\"><title>" << escaped(arc.from + " \u2192 " + arc.to + ": " + arc.told) << "</title></path>\n";
    }
    for (const std::string& end : ends_) {
      double angle = angle_.at(end), degrees = angle * 180 / pi;
      bool left = angle > pi / 2 && angle < 3 * pi / 2;
      Point dot = at(end, radius_), text = at(end, radius_ + 10);
      out << "<circle cx=\"" << number(dot.x) << "\" cy=\"" << number(dot.y) << "\" r=\"4\"/><text x=\"" << number(text.x) << "\" y=\"" << number(text.y)
          << "\" transform=\"rotate(" << number(left ? degrees + 180 : degrees) << ' ' << number(text.x) << ' ' << number(text.y) << ")\" text-anchor=\"" << (left ? "end" : "start")
          << "\">" << escaped(end) << "</text>\n";
    }
    out << "</g>\n";
  }

 private:
  Point at(const std::string& end, double radius) const {
    double angle = angle_.at(end);
    return {radius * std::cos(angle), radius * std::sin(angle)};
  }

  std::vector<Arc> arcs_;
  std::vector<std::string> ends_;
  std::map<std::string, double> angle_;
  double radius_ = 0;
};

std::vector<Arc> arcs(const ReachScope& scope) {
  std::vector<Arc> all;
  for (const ReachRow& row : scope.rows) {
    bool outside = row.from_outside || row.to_outside;
    all.push_back({row.from, row.to, connection_text(row.connection), !row.connection.unknown.empty() ? "#6a45a8" : outside ? "#b36b00" : "#1f5fae"});
  }
  for (const net::Changed& change : scope.changes) {
    switch (change.kind) {
      case net::Changed::Kind::added: all.push_back({change.from, change.to, "added: " + connection_text(change.after), "#b3261e"}); break;
      case net::Changed::Kind::removed: all.push_back({change.from, change.to, "removed: " + connection_text(change.before), "#1d6f42"}); break;
      case net::Changed::Kind::changed:
        all.push_back({change.from, change.to, connection_text(change.before) + " became " + connection_text(change.after), "#1753b3"});
        break;
    }
  }
  return all;
}

}  // namespace

void write_reach_svg(const ReachReport& report, std::ostream& out) {
  std::vector<Picture> pictures;
  double width = 400, height = 0;
  for (const ReachScope& scope : report.scopes) {
    pictures.emplace_back(scope, arcs(scope));
    width = std::max(width, pictures.back().size());
    height += pictures.back().ends() > most_ends ? 60 : pictures.back().size() + 40;
  }
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << number(width) << ' ' << number(height) << "\" width=\"" << number(width) << "\" height=\"" << number(height)
      << "\" font-family=\"Liberation Sans, Helvetica, sans-serif\" font-size=\"12\">\n"
         "<style>path{fill:none;stroke-opacity:.55;stroke-width:1.3}path:hover{stroke-opacity:1;stroke-width:3}circle{fill:#333}text{fill:#1b1f27;dominant-baseline:middle}</style>\n"
         "<defs><marker id=\"to\" viewBox=\"0 0 8 8\" refX=\"10\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" style=\"fill:#59616e;stroke:none\"/></marker></defs>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  double top = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const ReachScope& scope = report.scopes[i];
    if (!scope.name.empty()) out << "<text x=\"12\" y=\"" << number(top + 20) << "\" font-size=\"16\">" << escaped(scope.name) << "</text>\n";
    if (pictures[i].ends() > most_ends) {
      out << "<text x=\"12\" y=\"" << number(top + 44) << "\">" << pictures[i].ends() << " ends are too many for a picture: narrow them with --from and --to, or take the HTML matrix</text>\n";
      top += 60;
    } else {
      pictures[i].draw(top + 40, out);
      top += pictures[i].size() + 40;
    }
  }
  out << "</svg>\n";
}

}  // namespace assay
