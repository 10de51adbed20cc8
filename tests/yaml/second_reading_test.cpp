// yaml-cpp is the second, independent reading: structure, scalars and the marks where nodes begin.
#include <catch2/catch.hpp>

#include <random>

#include <yaml-cpp/yaml.h>

#include "parsers/yaml/yaml.hpp"
#include "tests/yaml/describe.hpp"

using namespace assay;

namespace {

struct Comparison {
  std::string_view bytes;
  std::uint64_t nodes = 0;
  std::string difference;

  bool fail(Value value, const std::string& what) {
    if (difference.empty()) difference = what + " at byte " + std::to_string(value.span().begin);
    return false;
  }
  bool same(Value value, const YAML::Node& other) {
    ++nodes;
    const Span span = value.span();
    if (value.is_map()) {
      if (!other.IsMap() || other.size() != value.size()) return fail(value, "a map");
      if (static_cast<std::uint32_t>(other.Mark().pos) != span.begin) return fail(value, "the begin of a map");
      std::size_t i = 0;
      for (const auto& pair : other) {
        const Entry& entry = value.entries()[i++];
        if (bytes.substr(static_cast<std::size_t>(pair.first.Mark().pos)).data() != bytes.data() + entry.key_begin)
          return fail(value, "the place of a key");
        if (pair.first.Scalar() != entry.key()) return fail(value, "the key " + pair.first.Scalar());
        if (!same(entry.value, pair.second)) return false;
      }
      return true;
    }
    if (value.is_list()) {
      if (!other.IsSequence() || other.size() != value.size()) return fail(value, "a list");
      if (static_cast<std::uint32_t>(other.Mark().pos) != span.begin) return fail(value, "the begin of a list");
      for (std::size_t i = 0; i < other.size(); ++i)
        if (!same(value.items()[i], other[i])) return false;
      return true;
    }
    if (value.is_null()) return other.IsNull() || fail(value, "a null");
    if (!other.IsScalar()) return fail(value, "a scalar");
    if (value.is_string() ? other.Scalar() != value.as_string()
                          : other.Scalar() != bytes.substr(span.begin, span.end - span.begin))
      return fail(value, "the text `" + other.Scalar() + "`");
    if (static_cast<std::uint32_t>(other.Mark().pos) != span.begin) return fail(value, "the begin of a scalar");
    // The span is the text: read alone, it is the same scalar.
    if (value.is_string() && bytes[span.begin] != '|' && bytes[span.begin] != '>' &&
        YAML::Load(std::string(bytes.substr(span.begin, span.end - span.begin))).Scalar() != value.as_string())
      return fail(value, "the end of a scalar");
    return true;
  }
};

}  // namespace

TEST_CASE("yaml-cpp reads the corpora as we do", "[yaml]") {
  const auto files = test::yaml_files(std::filesystem::path(ASSAY_SHARED_DIR) / "corpora");
  if (files.empty()) {
    WARN("no corpora: skipped");
    return;
  }
  std::uint64_t nodes = 0;
  for (const auto& path : files) {
    INFO(path);
    const std::string text = test::read_file(path);
    Sources sources;
    const Source& source = sources.add(path.string(), text);
    Diagnostics diagnostics;
    const ParsedFile file = yaml::parse(source, {}, diagnostics);
    REQUIRE(diagnostics.empty());
    const std::vector<YAML::Node> others = YAML::LoadAll(text);
    std::vector<Value> roots;
    for (const Document& document : file.documents)
      if (document.root) roots.push_back(document.root);
    std::vector<YAML::Node> theirs;
    for (const YAML::Node& other : others)
      if (!other.IsNull()) theirs.push_back(other);
    REQUIRE(theirs.size() == roots.size());
    for (std::size_t i = 0; i < roots.size(); ++i) {
      Comparison comparison{source.bytes()};
      comparison.same(roots[i], theirs[i]);
      CHECK(comparison.difference == "");
      nodes += comparison.nodes;
    }
  }
  CHECK(nodes > 50'000);
}

namespace {

// Random values, written by yaml-cpp's emitter in its block and flow styles.
struct Writer {
  std::mt19937 random;
  unsigned below(unsigned n) { return static_cast<unsigned>(random() % n); }
  std::string string() {
    static const std::string pieces[] = {"a", "word", " ", "two words", ": ", " #", "\n", "\t", "\"", "'", "\\", "é", "😀", "- ", "[",
                                         "]", "{", "}", "10", "true", "null", "~", "<<", "&", "*", "!", "|", ">", "%", "@", ",", "?"};
    std::string out;
    for (unsigned n = below(5); n > 0; --n) out += pieces[below(std::size(pieces))];
    return out;
  }
  // What is written, as text that describes it.
  std::string write(YAML::Emitter& out, int depth) {
    switch (below(depth > 0 ? 6 : 4)) {
      case 0: out << YAML::Null; return "null";
      case 1: {
        const int value = static_cast<int>(random() % 2000) - 1000;
        out << value;
        return std::to_string(value);
      }
      case 2: {
        const bool value = below(2) == 0;
        out << value;
        return value ? "true" : "false";
      }
      case 3: {
        const std::string value = string();
        if (below(4) == 0 && value.find_first_not_of(" \n\t") == 0 && value.find('\t') == std::string::npos) out << YAML::Literal << value;
        else out << YAML::DoubleQuoted << value;
        return "'" + value + "'";
      }
      case 4: {
        if (below(3) == 0) out << YAML::Flow;
        out << YAML::BeginSeq;
        std::string text = "[";
        for (unsigned n = below(4); n > 0; --n) text += write(out, depth - 1) + ",";
        out << YAML::EndSeq;
        return text + "]";
      }
      default: {
        if (below(3) == 0) out << YAML::Flow;
        out << YAML::BeginMap;
        std::string text = "{";
        const unsigned size = below(4);
        for (unsigned n = 0; n < size; ++n) {
          const std::string key = std::to_string(n) + "k" + string();
          out << YAML::Key << YAML::DoubleQuoted << key << YAML::Value;
          text += "'" + key + "':" + write(out, depth - 1) + ",";
        }
        out << YAML::EndMap;
        return text + "}";
      }
    }
  }
};

std::string shape(Value value) {
  switch (value.kind()) {
    case Kind::null: return "null";
    case Kind::boolean: return value.as_bool() ? "true" : "false";
    case Kind::int64: return std::to_string(value.as_int());
    case Kind::string: return "'" + std::string(value.as_string()) + "'";
    case Kind::list: {
      std::string out = "[";
      for (const Value item : value.items()) out += shape(item) + ",";
      return out + "]";
    }
    case Kind::map: {
      std::string out = "{";
      for (const Entry& entry : value.entries()) out += "'" + std::string(entry.key()) + "':" + shape(entry.value) + ",";
      return out + "}";
    }
    default: return "?";
  }
}

}  // namespace

TEST_CASE("what yaml-cpp writes comes back the same", "[yaml]") {
  Writer writer{std::mt19937(11)};
  int read = 0;
  for (int i = 0; i < 3000; ++i) {
    YAML::Emitter out;
    const std::string wanted = writer.write(out, 4);
    const std::string text = std::string(out.c_str(), out.size()) + "\n";
    // The literal style loses trailing line breaks, and so what yaml-cpp itself cannot read back is no test.
    Sources sources;
    Diagnostics diagnostics;
    const ParsedFile file = yaml::parse(sources.add("random.yaml", text), {}, diagnostics);
    INFO("<<" << text << ">>");
    REQUIRE(diagnostics.empty());
    REQUIRE(file.documents.size() == 1);
    const Value root = file.documents[0].root;
    if (text.find("|") != std::string::npos) continue;
    REQUIRE((root ? shape(root) : "null") == wanted);
    ++read;
  }
  CHECK(read > 1000);
}
