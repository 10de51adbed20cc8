#include "parsers/yaml/library.hpp"

#include <yaml.h>

#include <algorithm>

#include "parsers/yaml/resolve.hpp"

namespace assay::yaml {

namespace {

constexpr std::string_view merge_tag = "tag:yaml.org,2002:merge";

// libyaml counts places in characters: where each character of a text begins.
class Characters {
 public:
  Characters(std::string_view bytes, std::uint32_t base) : bytes_(bytes), base_(base) {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < bytes.size(); ++i) {
      if ((bytes[i] & 0xc0) == 0x80) {
        ascii_ = false;
        continue;
      }
      if (count++ % step == 0) starts_.push_back(i);
    }
  }
  std::uint32_t offset(std::size_t index) const {
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    if (ascii_) return base_ + std::min(static_cast<std::uint32_t>(index), size);
    if (index / step >= starts_.size()) return base_ + size;
    std::uint32_t at = starts_[index / step];
    for (std::size_t left = index % step; left > 0 && at < size; --left) {
      ++at;
      while (at < size && (bytes_[at] & 0xc0) == 0x80) ++at;
    }
    return base_ + at;
  }

 private:
  static constexpr std::uint32_t step = 64;
  std::string_view bytes_;
  std::uint32_t base_;
  bool ascii_ = true;
  std::vector<std::uint32_t> starts_;  // of every 64th character
};

std::string_view view(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}
std::string_view view(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

struct Events {
  const yaml_parser_t& parser;
  std::string_view bytes;  // of the whole source
  std::uint32_t base;
  std::uint32_t limit;
  const Characters& characters;
  Builder& builder;
  CommentFinder& comments;
  std::uint32_t last;  // end of the last token

  std::uint32_t offset(const yaml_mark_t& mark) const { return characters.offset(mark.index); }
  void token(std::uint32_t begin, std::uint32_t end) {
    comments.token(begin, end);
    last = end;
  }
  // A text as a view that lives as long as the arena.
  std::string_view kept(std::string_view text) {
    return text.empty() ? std::string_view("", 0) : builder.arena().copy(text);
  }

  // From `from` past white space and comments.
  std::uint32_t skip(std::uint32_t from) const {
    while (from < limit) {
      const char c = bytes[from];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++from;
      } else if (c == '#') {
        while (from < limit && bytes[from] != '\n' && bytes[from] != '\r') ++from;
      } else {
        break;
      }
    }
    return from;
  }
  // An empty node has no text: it stands right after the indicator that announces it.
  std::uint32_t empty_place() const {
    const std::uint32_t next = skip(last);
    const char c = next < limit ? bytes[next] : '\0';
    if (builder.wants_key()) return c == '?' ? next + 1 : c == ':' ? next : last;
    if (builder.in_map()) return c == ':' ? next + 1 : last;
    return c == '-' ? next + 1 : last;
  }

  // The anchor and tag of a node, whose marks begin at the first of them; leaves `last` after both.
  void properties(std::uint32_t begin, const yaml_char_t* anchor, const yaml_char_t* tag) {
    std::uint32_t at = begin;
    for (int left = (anchor ? 1 : 0) + (tag ? 1 : 0); left > 0; --left) {
      at = skip(at);
      if (at >= limit || (bytes[at] != '&' && bytes[at] != '!')) break;
      std::uint32_t end = at;
      if (bytes.substr(at, 2) == "!<") {
        while (end < limit && bytes[end] != '>') ++end;
        end = std::min(end + 1, limit);
      } else {
        while (end < limit && std::string_view(" \t\r\n,[]{}").find(bytes[end]) == std::string_view::npos) ++end;
      }
      token(at, end);
      at = end;
    }
    if (anchor) builder.anchor(kept(view(anchor)));
  }

  void scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    std::uint32_t begin = offset(event.start_mark);
    std::uint32_t end = offset(event.end_mark);
    const bool with_properties = data.anchor || data.tag;
    if (with_properties) properties(begin, data.anchor, data.tag);
    std::string_view content = view(data.value, data.length);
    const std::string_view tag = view(data.tag);
    const bool plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && content.empty()) {
      const std::uint32_t at = with_properties ? last : empty_place();
      token(at, at);
      // An empty document has no root.
      if (!tag.empty() || !builder.at_root() || builder.has_anchor()) put("", true, at, at, tag);
      return;
    }
    if (with_properties) begin = skip(last);
    if (data.style == YAML_LITERAL_SCALAR_STYLE || data.style == YAML_FOLDED_SCALAR_STYLE) {
      block(content, begin, end, tag);
      return;
    }
    const std::uint32_t quote = plain ? 0 : 1;
    end = std::max(end, begin + 2 * quote);
    const std::string_view raw = bytes.substr(begin + quote, end - begin - 2 * quote);
    token(begin, end);
    put(raw == content ? raw : kept(content), plain, begin, end, tag);
  }

  // From the header to the end of the last line with anything on it.
  void block(std::string_view content, std::uint32_t begin, std::uint32_t end, std::string_view tag) {
    std::uint32_t line_end = begin;
    while (line_end < limit && bytes[line_end] != '\n' && bytes[line_end] != '\r') ++line_end;
    std::uint32_t text_end = end;
    while (text_end > line_end && (bytes[text_end - 1] == ' ' || bytes[text_end - 1] == '\t' ||
                                   bytes[text_end - 1] == '\n' || bytes[text_end - 1] == '\r'))
      --text_end;
    std::uint32_t header_end = begin + 1;
    while (header_end < line_end && (bytes[header_end] == '+' || bytes[header_end] == '-' ||
                                     (bytes[header_end] >= '0' && bytes[header_end] <= '9')))
      ++header_end;
    if (text_end <= line_end) {
      text_end = header_end;
    } else {
      while (text_end < end && bytes[text_end] != '\n' && bytes[text_end] != '\r') ++text_end;
    }
    comments.token(begin, header_end);
    comments.gap(line_end);
    token(line_end, std::max(end, line_end));
    put(kept(content), false, begin, text_end, tag);
  }

  void put(std::string_view content, bool plain, std::uint32_t begin, std::uint32_t end, std::string_view tag) {
    const Span span = builder.span(begin, end);
    if (tag.empty()) {
      if (builder.wants_key() && !builder.has_anchor()) {
        if (plain && is_merge(content)) return builder.merge_key(begin, end);
        if (!plain || is_text(content)) return builder.key(content, begin, end);
      }
      builder.scalar(plain ? resolve(content, span, builder.arena()) : builder.arena().string(content, span), begin,
                     end);
      return;
    }
    if (tag == merge_tag && is_merge(content) && builder.wants_key()) return builder.merge_key(begin, end);
    const Value value = resolve_tagged(tag, content, span, builder.arena());
    if (!value) {
      builder.fail("yaml-tag", begin, end,
                   "`" + std::string(content) + "` is not what its tag `" + std::string(tag) +
                       "` says; change one of the two");
      return;
    }
    builder.scalar(value, begin, end);
  }

  void begin(const yaml_event_t& event, const yaml_char_t* anchor, const yaml_char_t* tag, bool map) {
    std::uint32_t at = offset(event.start_mark);
    if (anchor || tag) {
      properties(at, anchor, tag);
      at = skip(last);
    }
    const char c = at < limit ? bytes[at] : '\0';
    // The marks of a block collection are those of its first token, which follows.
    if (c == (map ? '{' : '[') && offset(event.end_mark) == at + 1) {
      token(at, at + 1);
    } else {
      comments.gap(at);
      last = std::max(last, at);
    }
    if (map) builder.begin_map(at);
    else builder.begin_list(at);
  }
  void end(const yaml_event_t& event, bool map) {
    const std::uint32_t begin = offset(event.start_mark), end = offset(event.end_mark);
    if (end == begin + 1 && bytes[begin] == (map ? '}' : ']')) {
      token(begin, end);
      return map ? builder.end_map(end) : builder.end_list(end);
    }
    // A block collection ends where its last child does; libyaml's mark is on the next token.
    return map ? builder.end_map() : builder.end_list();
  }

  void syntax_error() {
    const std::uint32_t at = std::min(offset(parser.problem_mark), limit);
    std::uint32_t line = at;
    while (line > base && bytes[line - 1] != '\n') --line;
    std::uint32_t text = line;
    while (text < limit && bytes[text] == ' ') ++text;
    if (text < limit && bytes[text] == '\t') {
      builder.fail("yaml-syntax", text, text + 1, "this line is indented with a tab; YAML wants spaces");
      return;
    }
    const std::string reason = parser.problem ? parser.problem : "it ends where more was expected";
    const std::string context = parser.context ? std::string(" ") + parser.context : std::string();
    builder.fail("yaml-syntax", at, std::min(at + 1, limit),
                 "this is not YAML: " + reason + context + "; mend it, this document is not read");
  }
};

}  // namespace

LibraryReader::LibraryReader(const Source& source) : source_(source) {}

bool LibraryReader::read(std::uint32_t begin, std::uint32_t end, Builder& builder, CommentFinder& comments) {
  const std::string_view bytes = source_.bytes();
  const std::string_view chunk = bytes.substr(begin, end - begin);
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) {
    builder.fail("yaml-syntax", begin, begin, "the YAML library could not be started: out of memory");
    return false;
  }
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(chunk.data()), chunk.size());
  const Characters characters(chunk, begin);
  Events events{parser, bytes, begin, end, characters, builder, comments, begin};
  bool documents = false;
  for (bool complete = false; !complete && !builder.failed();) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      events.syntax_error();
      break;
    }
    switch (event.type) {
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_DOCUMENT_END_EVENT: break;
      case YAML_STREAM_END_EVENT: complete = true; break;
      case YAML_DOCUMENT_START_EVENT:
        if (documents) {
          builder.fail("yaml-syntax", events.last, events.last,
                       "text after the end of the document; begin a new one with `---`");
        }
        documents = true;
        if (!event.data.document_start.implicit) {
          const std::uint32_t after = events.offset(event.end_mark);
          events.token(after >= begin + 3 ? after - 3 : begin, after);
        }
        break;
      case YAML_MAPPING_START_EVENT:
        events.begin(event, event.data.mapping_start.anchor, event.data.mapping_start.tag, true);
        break;
      case YAML_MAPPING_END_EVENT: events.end(event, true); break;
      case YAML_SEQUENCE_START_EVENT:
        events.begin(event, event.data.sequence_start.anchor, event.data.sequence_start.tag, false);
        break;
      case YAML_SEQUENCE_END_EVENT: events.end(event, false); break;
      case YAML_SCALAR_EVENT: events.scalar(event); break;
      case YAML_ALIAS_EVENT: {
        const std::uint32_t from = events.offset(event.start_mark), to = events.offset(event.end_mark);
        events.token(from, to);
        builder.alias(view(event.data.alias.anchor), from, to);
        break;
      }
    }
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  comments.gap(end);
  return documents;
}

bool read_events(std::string_view text, const std::function<bool(const Event&)>& each, std::string& error) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) {
    error = "out of memory";
    return false;
  }
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  bool good = true;
  for (bool complete = false; !complete;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      error = std::string("line ") + std::to_string(parser.problem_mark.line + 1) + ": " + (parser.problem ? parser.problem : "it ends where more was expected");
      good = false;
      break;
    }
    Event out;
    bool wanted = true;
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        out.anchor = view(event.data.scalar.anchor);
        out.tag = view(event.data.scalar.tag);
        out.value = view(event.data.scalar.value, event.data.scalar.length);
        out.quoted = event.data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || event.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        break;
      case YAML_ALIAS_EVENT:
        out.kind = Event::Kind::alias;
        out.anchor = view(event.data.alias.anchor);
        break;
      case YAML_MAPPING_START_EVENT:
        out.kind = Event::Kind::begin_map;
        out.anchor = view(event.data.mapping_start.anchor);
        out.tag = view(event.data.mapping_start.tag);
        break;
      case YAML_SEQUENCE_START_EVENT:
        out.kind = Event::Kind::begin_list;
        out.anchor = view(event.data.sequence_start.anchor);
        out.tag = view(event.data.sequence_start.tag);
        break;
      case YAML_MAPPING_END_EVENT: out.kind = Event::Kind::end_map; break;
      case YAML_SEQUENCE_END_EVENT: out.kind = Event::Kind::end_list; break;
      case YAML_DOCUMENT_START_EVENT: out.kind = Event::Kind::begin_document; break;
      case YAML_STREAM_END_EVENT:
        complete = true;
        wanted = false;
        break;
      case YAML_NO_EVENT: case YAML_STREAM_START_EVENT: case YAML_DOCUMENT_END_EVENT: wanted = false; break;
    }
    if (wanted && !each(out)) complete = true;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return good;
}

struct Writer::State {
  yaml_emitter_t emitter{};
  std::string text;
  bool good = false;

  void emit(yaml_event_t& event, bool made) { good = good && made && yaml_emitter_emit(&emitter, &event); }
};

Writer::Writer() : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.good = yaml_emitter_initialize(&s.emitter);
  const auto write = [](void* to, unsigned char* buffer, std::size_t size) {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(buffer), size);
    return 1;
  };
  yaml_emitter_set_output(&s.emitter, write, &s.text);
  yaml_emitter_set_unicode(&s.emitter, 1);
  yaml_event_t event;
  s.emit(event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
  s.emit(event, yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1));
}
Writer::~Writer() { yaml_emitter_delete(&state_->emitter); }

void Writer::scalar(std::string_view text, Style style) {
  const yaml_scalar_style_t as = style == Style::plain ? YAML_PLAIN_SCALAR_STYLE
                                 : style == Style::literal ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
  yaml_event_t event;
  const auto* data = reinterpret_cast<const yaml_char_t*>(text.empty() ? "" : text.data());
  state_->emit(event, yaml_scalar_event_initialize(&event, nullptr, nullptr, data, static_cast<int>(text.size()), 1, 1, as));
}
void Writer::begin_list() {
  yaml_event_t event;
  state_->emit(event, yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE));
}
void Writer::end_list() {
  yaml_event_t event;
  state_->emit(event, yaml_sequence_end_event_initialize(&event));
}
void Writer::begin_map() {
  yaml_event_t event;
  state_->emit(event, yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE));
}
void Writer::end_map() {
  yaml_event_t event;
  state_->emit(event, yaml_mapping_end_event_initialize(&event));
}
std::string Writer::finish() {
  yaml_event_t event;
  state_->emit(event, yaml_document_end_event_initialize(&event, 1));
  state_->emit(event, yaml_stream_end_event_initialize(&event));
  yaml_emitter_flush(&state_->emitter);
  return state_->good ? std::move(state_->text) : std::string();
}

}  // namespace assay::yaml
