// A second reading of the syntax: what npm's @cdktf/hcl2json makes of our texts (recorded by tests/live/hcl2json)
// must come out of our trees by its rules: literals as JSON, templates and other expressions as their text.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "parsers/hcl/number.hpp"
#include "parsers/hcl/parse.hpp"

using namespace assay;
using Json = nlohmann::json;
using E = hcl::Expression;

namespace {

struct Converter {
  std::string_view bytes;

  std::string source(const E& e) const { return std::string(bytes.substr(e.span.begin, e.span.end - e.span.begin)); }
  std::string wrapped(const E& e) const { return "${" + source(e) + "}"; }
  // The text of an expression inside a directive.
  std::string operand(const E& e) const { return e.kind == E::Kind::text ? std::string(e.text) : source(e); }

  static std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if ((text[at] == '$' || text[at] == '%') && text.substr(at + 1, 1) == "{") out += text[at];
      out += text[at];
    }
    return out;
  }

  std::string part(const E& e) const {
    switch (e.kind) {
      case E::Kind::text: return escaped(e.text);
      case E::Kind::number: return std::string(e.text);
      case E::Kind::boolean: return e.flag ? "true" : "false";
      case E::Kind::templated: return joined(e);
      case E::Kind::wrapped: return part(*e.parts[0]);
      case E::Kind::template_if: {
        const std::string otherwise = part(*e.parts[2]);
        return "%{if " + operand(*e.parts[0]) + "}" + part(*e.parts[1]) + (otherwise.empty() ? "" : "%{else}" + otherwise) + "%{endif}";
      }
      case E::Kind::template_for:
        return "%{for " + (e.text.empty() ? "" : std::string(e.text) + ", ") + std::string(e.text2) + " in " + operand(*e.parts[0]) + "}" + part(*e.parts[1]) + "%{endfor}";
      default: return wrapped(e);
    }
  }
  std::string joined(const E& e) const {
    std::string out;
    for (const E* one : e.parts) out += part(*one);
    return out;
  }

  Json value(const E& e) const {
    switch (e.kind) {
      case E::Kind::null: return nullptr;
      case E::Kind::boolean: return e.flag;
      case E::Kind::number: return Json::parse(std::string(e.text));
      case E::Kind::text: return escaped(e.text);
      case E::Kind::templated: return joined(e);
      case E::Kind::wrapped: return value(*e.parts[0]);
      case E::Kind::unary:
        if (e.op == hcl::Operator::negate && e.parts[0]->kind == E::Kind::number) return Json::parse("-" + std::string(e.parts[0]->text));
        if (e.op == hcl::Operator::not_ && e.parts[0]->kind == E::Kind::boolean) return !e.parts[0]->flag;
        return wrapped(e);
      case E::Kind::tuple: {
        Json out = Json::array();
        for (const E* one : e.parts) out.push_back(value(*one));
        return out;
      }
      case E::Kind::object: {
        Json out = Json::object();
        for (std::size_t i = 0; i + 1 < e.parts.size(); i += 2) out[part(*e.parts[i])] = value(*e.parts[i + 1]);
        return out;
      }
      default: return wrapped(e);
    }
  }

  Json body(const hcl::Body& of) const {
    Json out = Json::object();
    for (const hcl::Item& item : of.items) {
      if (item.attribute) {
        out[std::string(item.attribute->name)] = value(*item.attribute->value);
        continue;
      }
      Json* at = &out[std::string(item.block->type)];
      for (const hcl::Label& label : item.block->labels) at = &(*at)[std::string(label.text)];
      at->push_back(body(item.block->body));
    }
    return out;
  }
};

// Numbers as JavaScript keeps them.
Json doubles(Json json) {
  if (json.is_number()) return json.get<double>();
  if (json.is_structured())
    for (Json& one : json) one = doubles(one);
  return json;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("a second reading of the syntax", "[hcl]") {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ASSAY_SOURCE_DIR "/tests/hcl/texts")) {
    if (entry.path().extension() != ".json") continue;
    ++seen;
    std::filesystem::path path = entry.path();
    path.replace_extension(".tf");
    INFO(path);
    Sources sources;
    Diagnostics diagnostics;
    const hcl::File file = hcl::parse(sources.add("text.tf", contents(path)), diagnostics);
    CHECK(diagnostics.empty());
    const Json ours = doubles(Converter{file.bytes}.body(file.body)), theirs = doubles(Json::parse(contents(entry.path())));
    CHECK(Json::diff(theirs, ours).dump(1) == "[]");
  }
  CHECK(seen >= 5);
}
