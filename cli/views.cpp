#include "cli/views.hpp"

#include <map>

namespace assay {

namespace {

// Comments by the line that they stand on: what a field is for is said behind it.
class Remarks {
 public:
  Remarks(const Rulebook& book, const Sources& sources) : sources_(sources) {
    for (const ParsedFile& file : book.files)
      for (const Document& document : file.documents)
        for (const Comment& comment : document.comments) {
          const Source& source = sources.get(comment.span.source);
          std::string text(source.bytes().substr(comment.span.begin, comment.span.end - comment.span.begin));
          const auto begin = text.find_first_not_of("# ");
          if (begin == text.npos) continue;
          by_line_.emplace(std::pair(comment.span.source, source.position(comment.span.begin).line), text.substr(begin));
        }
  }
  std::string of(const FieldDefinition& field) const {
    if (!field.title.empty()) return field.title;
    const Span span = field.at.span();
    if (!span) return {};
    const auto found = by_line_.find({span.source, sources_.get(span.source).position(span.begin).line});
    return found == by_line_.end() ? std::string() : found->second;
  }

 private:
  const Sources& sources_;
  std::map<std::pair<SourceId, std::uint32_t>, std::string> by_line_;
};

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

void write_view(std::string& out, const ViewDefinition& view, const Remarks& remarks) {
  out += "\n## " + view.name + "\n\n" + cell(view.title) + ".";
  if (view.nested) {
    out += " A nested view";
    if (!view.owner.empty()) out += ": `owner` is the `" + view.owner + "` that it belongs to";
    out += ".";
  }
  out += "\n\n| field | type | what |\n|---|---|---|\n";
  for (const FieldDefinition& field : view.fields)
    out += "| `" + field.name + "` | `" + cell(field.type) + "` | " + cell(remarks.of(field)) + " |\n";
  if (view.from.empty() || view.nested) return;
  out += "\nFrom:";
  bool first = true;
  for (const auto& [type, source] : view.from) {
    out += (first ? " `" : ", `") + (type == "*" ? std::string("every type") : type) + "`" + (source.each ? " (several in one resource)" : "");
    first = false;
  }
  out += ".\n";
}

}  // namespace

std::string view_reference_markdown(const Rulebook& book, const Sources& sources) {
  const Remarks remarks(book, sources);
  std::string out =
      "# Views\n\n"
      "The same facts under the same names for resources of many kinds: what rules apply to and read. Written from\n"
      "`rules/views` by `./dev bless`; [rules.md](rules.md) says how views are made.\n\n"
      "In a rule `self` is the instance. Besides its own fields every view has `resource` (the resource it is of) and\n"
      "`object` (the resource's value, or the part of it that a nested view stands for). `any` is whatever the input holds.\n";
  for (const auto& [name, view] : book.catalog.views)
    if (!view.nested) write_view(out, view, remarks);
  for (const auto& [name, view] : book.catalog.views)
    if (view.nested) write_view(out, view, remarks);
  out += "\n# Functions of the views\n\nWritten in the language itself; every rule and view may call them.\n\n| function | result |\n|---|---|\n";
  for (const auto& [name, function] : book.catalog.functions) {
    std::string parameters;
    for (const auto& [parameter, type] : function.parameters) parameters += (parameters.empty() ? "" : ", ") + parameter + ": " + type;
    out += "| `" + name + "(" + cell(parameters) + ")` | `" + cell(function.result) + "` |\n";
  }
  return out;
}

}  // namespace assay
