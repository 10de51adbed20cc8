#include "tests/support/cel_dump.hpp"

#include <algorithm>
#include <cstdio>

namespace assay::test {

using namespace cel;

namespace {

std::string escaped(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      char buffer[8];
      std::snprintf(buffer, sizeof buffer, "\\x%02x", byte);
      out += buffer;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

struct Dumper {
  std::string operator()(const Constant& constant) const {
    struct Visitor {
      std::string operator()(std::monostate) const { return "null"; }
      std::string operator()(bool value) const { return value ? "true" : "false"; }
      std::string operator()(std::int64_t value) const { return std::to_string(value); }
      std::string operator()(std::uint64_t value) const { return std::to_string(value) + "u"; }
      std::string operator()(double value) const {
        char buffer[40];
        std::snprintf(buffer, sizeof buffer, "%.17g", value);
        const std::string text = buffer;
        return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
      }
      std::string operator()(const std::string& value) const { return escaped(value); }
      std::string operator()(const std::vector<std::uint8_t>& value) const {
        return "b" + escaped({reinterpret_cast<const char*>(value.data()), value.size()});
      }
    };
    return std::visit(Visitor{}, constant.value);
  }
  std::string operator()(const Ident& ident) const { return ident.name; }
  std::string operator()(const Select& select) const {
    const bool plain = std::all_of(select.field.begin(), select.field.end(),
                                   [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; });
    const std::string text =
        dump(select.operand) + (select.optional ? ".?" : ".") + (plain ? select.field : "`" + select.field + "`");
    return select.test_only ? "has(" + text + ")" : text;
  }
  std::string operator()(const Call& call) const {
    std::string out = call.target ? dump(call.target) + "." : "";
    out += call.function + "(";
    for (std::size_t i = 0; i < call.args.size(); ++i) out += (i ? ", " : "") + dump(call.args[i]);
    return out + ")";
  }
  std::string operator()(const CreateList& list) const {
    std::string out = "[";
    for (std::size_t i = 0; i < list.elements.size(); ++i) {
      const bool optional = std::count(list.optional_indices.begin(), list.optional_indices.end(), i) > 0;
      out += (i ? ", " : "") + std::string(optional ? "?" : "") + dump(list.elements[i]);
    }
    return out + "]";
  }
  std::string operator()(const CreateStruct& made) const {
    std::string out = made.message_name + "{";
    for (std::size_t i = 0; i < made.items.size(); ++i) {
      const CreateStruct::Item& item = made.items[i];
      out += (i ? ", " : "") + std::string(item.optional ? "?" : "") + (item.key ? dump(item.key) : item.field) + ": " +
             dump(item.value);
    }
    return out + "}";
  }
  std::string operator()(const Comprehension& fold) const {
    return "fold(" + dump(fold.range) + ", " + fold.variable + (fold.variable2.empty() ? "" : ", " + fold.variable2) +
           ", " + fold.accumulator + " = " + dump(fold.initial) + ", while " + dump(fold.condition) + ", " +
           dump(fold.step) + ", " + dump(fold.result) + ")";
  }
};

}  // namespace

std::string dump(const Expr* expr) { return expr ? std::visit(Dumper{}, expr->node) : "null"; }

std::string dump(std::string_view text, const std::vector<Issue>& issues) {
  std::string out;
  for (const Issue& issue : issues) {
    const std::size_t begin = std::min<std::size_t>(issue.range.begin, text.size());
    const std::size_t line_begin = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;
    const std::size_t line_end = std::min(text.find('\n', begin), text.size());
    const std::size_t end =
        std::min<std::size_t>(std::max<std::size_t>(issue.range.end, begin + 1), std::max(line_end, begin + 1));
    if (!out.empty()) out += '\n';
    out += text.substr(line_begin, line_end - line_begin);
    out += '\n' + std::string(begin - line_begin, ' ') + '^' + std::string(end - begin - 1, '~') + ' ' + issue.message;
  }
  return out;
}

}  // namespace assay::test
