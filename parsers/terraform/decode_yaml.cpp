#include "parsers/terraform/decode_yaml.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "parsers/hcl/unicode.hpp"
#include "parsers/terraform/encoding.hpp"
#include "parsers/terraform/number.hpp"
#include "parsers/terraform/time.hpp"
#include "parsers/yaml/library.hpp"

namespace assay::terraform {

using K = Type::Kind;
using yaml::Event;

namespace {

constexpr std::string_view tags = "tag:yaml.org,2002:";

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) { return std::find(words.begin(), words.end(), text) != words.end(); }

bool is_digits(std::string_view text, std::string_view allowed = "0123456789") {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}
std::string_view unsigned_part(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}
bool is_integer(std::string_view text) {
  return is_digits(unsigned_part(text)) || (text.starts_with("0o") && is_digits(text.substr(2), "01234567")) ||
         (text.starts_with("0x") && is_digits(text.substr(2), "0123456789abcdefABCDEF"));
}
bool is_float(std::string_view text) {
  text = unsigned_part(text);
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i > from;
  };
  const bool integer = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (!digits() && !integer) return false;
  } else if (!integer) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

// Dates as they stand in YAML, with short fields and without times; the text of a timestamp.
std::string timestamp_text(std::string_view text) {
  std::size_t i = 0;
  const auto number = [&](std::size_t least, std::size_t most, int& out) {
    const std::size_t from = i;
    out = 0;
    while (i < text.size() && i - from < most && text[i] >= '0' && text[i] <= '9') out = out * 10 + (text[i++] - '0');
    return i - from >= least;
  };
  const auto sign = [&](char c) { return i < text.size() && text[i] == c && ++i; };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!number(4, 4, year) || !sign('-') || !number(1, 2, month) || !sign('-') || !number(1, 2, day)) return {};
  std::string rest = "Z";
  if (i < text.size()) {
    const char between = text[i++];
    if (between != 'T' && between != 't' && between != ' ') return {};
    if (!number(1, 2, hour) || !sign(':') || !number(1, 2, minute) || !sign(':') || !number(1, 2, second)) return {};
    if (sign('.')) {
      int fraction = 0;
      if (!number(1, 9, fraction)) return {};
    }
    rest = std::string(text.substr(i));
    if (between == ' ') {
      if (!rest.empty()) return {};
      rest = "Z";
    }
  }
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, hour, minute, second);
  std::string why;
  const auto time = read_timestamp(buffer + rest, why);
  return time ? write_timestamp(*time) : std::string();
}

struct Reader {
  Arena& arena;
  std::string& error;

  struct Frame {
    bool map = false;
    std::string anchor;
    std::vector<Typed> items;
    std::map<std::string, Typed> entries;
    bool has_key = false, merge = false;
    std::string key;
  };
  std::vector<Frame> frames;
  std::map<std::string, Typed> anchors;
  std::map<std::string, int> open_anchors;
  Typed root;
  int documents = 0;
  std::size_t nodes = 0;

  bool fail(std::string why) {
    if (error.empty()) error = std::move(why);
    return false;
  }
  Typed text(std::string_view content) { return {arena.string(arena.copy(hcl::normalized(content)), {}), string_type()}; }

  Typed number(std::string_view content) {
    std::string plain(content);
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    if (plain.starts_with('+')) plain.erase(0, 1);
    const bool negative = plain.starts_with('-');
    std::string_view digits(plain);
    if (negative) digits.remove_prefix(1);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) base = 16;
    if (digits.starts_with("0o")) base = 8;
    if (base != 10) {
      digits.remove_prefix(2);
      std::uint64_t value = 0;
      for (const char c : digits) {
        const int d = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        if (value > (~std::uint64_t{0} - static_cast<std::uint64_t>(d)) / static_cast<std::uint64_t>(base)) return fail("a number is out of range"), Typed{};
        value = value * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(d);
      }
      return {number_value((negative ? "-" : "") + std::to_string(value), {}, arena), number_type()};
    }
    if (plain.ends_with('.')) plain.pop_back();
    if (const auto dot = plain.find('.'); dot == 0 || (negative && dot == 1)) plain.insert(dot, "0");
    if (const auto dot = plain.find(".e"); dot != std::string::npos) plain.erase(dot, 1);
    if (const auto dot = plain.find(".E"); dot != std::string::npos) plain.erase(dot, 1);
    const Value value = parse_number(plain, {}, arena);
    if (!value) return fail("`" + std::string(content) + "` is no number"), Typed{};
    return {value, number_type()};
  }

  Typed boolean(std::string_view s, bool& found) {
    found = true;
    if (one_of(s, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return {arena.boolean(true, {}), bool_type()};
    if (one_of(s, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return {arena.boolean(false, {}), bool_type()};
    found = false;
    return {};
  }

  Typed scalar(const Event& event) {
    std::string_view tag = event.tag;
    const std::string_view s = event.value;
    if (tag.starts_with(tags)) tag.remove_prefix(tags.size());
    else if (!tag.empty()) return fail("the tag `" + std::string(tag) + "` is not known"), Typed{};
    if (!one_of(tag, {"", "str", "bool", "int", "float", "null", "timestamp", "binary"})) return fail("the tag `" + std::string(tag) + "` is not known"), Typed{};
    bool found = false;
    const char first = s.empty() ? 'N' : s[0];
    const bool special = s.empty() || std::string_view("+-0123456789yYnNtTfFoO~.").find(first) != std::string_view::npos;
    if (special && tag != "str" && tag != "binary") {
      if (event.quoted) return text(s);
      if (const Typed value = boolean(s, found); found) return value;
      if (one_of(s, {"", "~", "null", "Null", "NULL"})) return {arena.null({}), any_type()};
      if (one_of(s, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) return {arena.floating(HUGE_VAL, {}), number_type()};
      if (one_of(s, {"-.inf", "-.Inf", "-.INF"})) return {arena.floating(-HUGE_VAL, {}), number_type()};
      if (tag.empty() && one_of(s, {".nan", ".NaN", ".NAN"})) return fail("`.nan` is no number here"), Typed{};
      if (first == '.') {
        if (is_float(s)) return number(s);
      } else if (std::string_view("+-0123456789").find(first) != std::string_view::npos) {
        if (tag.empty() || tag == "timestamp")
          if (const std::string time = timestamp_text(s); !time.empty()) return text(time);
        if (is_integer(s) || is_float(s)) return number(s);
      }
    }
    if (tag.empty() || tag == "str") return text(s);
    if (tag == "binary") return from_base64(s) ? text(s) : (fail("a `!!binary` is no base64"), Typed{});
    if (tag == "null") return {arena.null({}), any_type()};
    if (tag == "bool") {
      if (const Typed value = boolean(s, found); found) return value;
    }
    if ((tag == "int" || tag == "float") && (is_integer(s) || is_float(s))) return number(s);
    if (tag == "timestamp")
      if (const std::string time = timestamp_text(s); !time.empty()) return text(time);
    return fail("`" + std::string(s) + "` is not what its tag says"), Typed{};
  }

  bool merge(Frame& frame, Typed value) {
    if (value.type->is(K::object)) {
      for (const Entry& entry : value.value.entries()) frame.entries[std::string(entry.key())] = {entry.value, value.type->member(entry.key())->type};
      return true;
    }
    if (!value.type->is(K::tuple)) return fail("only maps can be merged with `<<`");
    for (std::size_t i = 0; i < value.value.size(); ++i)
      if (!value.type->items[i]->is(K::object) || !merge(frame, {value.value.items()[i], value.type->items[i]})) return fail("only maps can be merged with `<<`");
    return true;
  }

  bool put(Typed value) {
    if (!value) return false;
    if (value.type->depth > max_type_depth) return fail("it is nested deeper than 200 levels");
    if (value.type->weight > max_type_weight) return fail("it has more than 4000000 parts");
    if (frames.empty()) {
      root = value;
      return true;
    }
    Frame& frame = frames.back();
    if (!frame.map) {
      frame.items.push_back(value);
    } else if (frame.merge) {
      frame.merge = false;
      frame.has_key = false;
      return merge(frame, value);
    } else {
      frame.entries[frame.key] = value;
      frame.has_key = false;
    }
    return true;
  }

  bool key(const Event& event) {
    Frame& frame = frames.back();
    if (event.kind != Event::Kind::scalar) return fail("a key must be a string");
    frame.has_key = true;
    if ((event.tag.empty() && event.value == "<<") || event.tag == "tag:yaml.org,2002:merge") {
      frame.merge = true;
      return true;
    }
    std::string why;
    const Typed value = scalar(event);
    if (!value) return false;
    if (value.null()) return fail("a key is null");
    const Typed string = convert(value, string_type(), arena, why);
    if (!string) return fail("a key must be a string");
    frame.key = string.value.as_string();
    return true;
  }

  bool close() {
    Frame frame = std::move(frames.back());
    frames.pop_back();
    Typed value;
    if (frame.map) {
      std::vector<Entry> entries;
      std::vector<Member> members;
      for (const auto& [name, item] : frame.entries) {
        const std::string_view kept = arena.copy(name);
        entries.push_back(entry_of(kept, item.value));
        members.push_back({kept, item.type, false});
      }
      value = {arena.map(entries, {}), object_type(std::move(members))};
    } else {
      std::vector<Value> items;
      std::vector<const Type*> types;
      for (const Typed& item : frame.items) {
        items.push_back(item.value);
        types.push_back(item.type);
      }
      value = {arena.list(items, {}), tuple_type(types)};
    }
    if (!frame.anchor.empty()) {
      --open_anchors[frame.anchor];
      anchors[frame.anchor] = value;
    }
    return put(value);
  }

  bool event(const Event& e) {
    if (++nodes > max_items) return fail("it has more than 1000000 parts");
    if (e.kind == Event::Kind::begin_document) return ++documents == 1 || fail("only one document is allowed");
    const bool wants_key = !frames.empty() && frames.back().map && !frames.back().has_key;
    if (e.kind == Event::Kind::end_map || e.kind == Event::Kind::end_list) return close();
    if (wants_key) return key(e);
    switch (e.kind) {
      case Event::Kind::scalar: {
        const Typed value = scalar(e);
        if (value && !e.anchor.empty()) anchors[std::string(e.anchor)] = value;
        return put(value);
      }
      case Event::Kind::alias: {
        const std::string name(e.anchor);
        if (open_anchors[name] > 0) return fail("`*" + name + "` refers to what it stands in");
        const auto found = anchors.find(name);
        if (found == anchors.end()) return fail("there is no anchor `&" + name + "`");
        return put(found->second);
      }
      case Event::Kind::begin_map: case Event::Kind::begin_list: {
        if (frames.size() >= max_type_depth) return fail("it is nested deeper than 200 levels");
        const bool map = e.kind == Event::Kind::begin_map;
        if (!e.tag.empty() && e.tag != (map ? "tag:yaml.org,2002:map" : "tag:yaml.org,2002:seq")) return fail("the tag `" + std::string(e.tag) + "` is not known");
        Frame frame;
        frame.map = map;
        frame.anchor = e.anchor;
        if (!frame.anchor.empty()) ++open_anchors[frame.anchor];
        frames.push_back(std::move(frame));
        return true;
      }
      case Event::Kind::end_map: case Event::Kind::end_list: case Event::Kind::begin_document: break;
    }
    return true;
  }
};

void write(yaml::Writer& writer, Value value, std::size_t& left) {
  if (left == 0) return;
  --left;
  const auto text = [&](std::string_view s) {
    writer.scalar(s, s.find('\n') != std::string_view::npos ? yaml::Writer::Style::literal : yaml::Writer::Style::double_quoted);
  };
  if (value.is_list()) {
    writer.begin_list();
    for (const Value item : value.items()) write(writer, item, left);
    writer.end_list();
  } else if (value.is_map()) {
    std::vector<Entry> entries(value.entries().begin(), value.entries().end());
    sort_entries(entries);
    writer.begin_map();
    for (const Entry& entry : entries) {
      text(entry.key());
      write(writer, entry.value, left);
    }
    writer.end_map();
  } else if (value.is_string()) {
    text(value.as_string());
  } else if (value.is(Kind::boolean)) {
    writer.scalar(value.as_bool() ? "true" : "false", yaml::Writer::Style::plain);
  } else if (value.is_null()) {
    writer.scalar("null", yaml::Writer::Style::plain);
  } else {
    writer.scalar(number_text(value), yaml::Writer::Style::plain);
  }
}

}  // namespace

Typed read_yaml(std::string_view text, Arena& arena, std::string& error) {
  Reader reader{arena, error, {}, {}, {}, {}, 0, 0};
  std::string why;
  const bool good = yaml::read_events(text.empty() ? "\n" : text, [&](const Event& event) { return reader.event(event); }, why);
  if (!good && error.empty()) error = "this is no YAML: " + why;
  if (!error.empty()) {
    if (good) error = "in this YAML: " + error;
    return {};
  }
  if (reader.documents == 0) {
    error = "there is no YAML document";
    return {};
  }
  return reader.root;
}

std::string write_yaml(Typed value) {
  yaml::Writer writer;
  std::size_t left = max_items;
  write(writer, value.value, left);
  if (left == 0) return {};
  // libyaml's later versions end other documents with `...` than the one that the reference was made from.
  std::string text = writer.finish();
  if (text.ends_with("\n...\n")) text.resize(text.size() - 4);
  const Value root = value.value;
  if (!root.is_list() && !root.is_map() && !root.is_string()) text += "...\n";
  return text;
}

}  // namespace assay::terraform
