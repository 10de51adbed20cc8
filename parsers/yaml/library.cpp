#include "parsers/yaml/library.hpp"

#include <libfyaml.h>

#include "parsers/yaml/content.hpp"
#include "parsers/yaml/resolve.hpp"

namespace assay::yaml {

namespace {

constexpr std::string_view merge_tag = "tag:yaml.org,2002:merge";
constexpr std::uint32_t nowhere = 0xffffffffu;

// What would keep libfyaml 0.7.12 busy for minutes: it looks ahead over a whole run of opening brackets,
// and takes quadratic time for a run of empty lines.
struct Danger {
  std::size_t at = std::string_view::npos;
  bool brackets = false;
};
Danger find_danger(std::string_view bytes, std::uint32_t depth) {
  const std::uint32_t most_brackets = std::max(depth, 4096u);
  constexpr std::uint64_t most_work = 200'000'000;  // squares of the lengths of runs: under a second
  std::uint32_t brackets = 0;
  std::uint64_t empty_lines = 0, work = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c == '\n') {
      ++empty_lines;
    } else if (c != ' ' && c != '\r' && c != '\t') {
      if (empty_lines > 100 && (work += empty_lines * empty_lines) > most_work) return {i, false};
      empty_lines = 0;
      if (c != '[' && c != '{') brackets = 0;
      else if (++brackets > most_brackets) return {i, true};
    }
  }
  if (empty_lines > 100 && work + empty_lines * empty_lines > most_work) return {bytes.size(), false};
  return {};
}

struct Events {
  fy_parser* parser;
  fy_diag* diag;
  std::string_view bytes;  // of the whole source
  std::uint32_t base;      // what libfyaml calls position 0
  std::uint32_t limit;
  Builder& builder;
  CommentFinder& comments;
  std::uint32_t last;  // end of the last token
  Content decoded{};

  struct Range {
    std::uint32_t begin, end;
    bool empty = false;
  };
  Range range(fy_token* token) const {
    const fy_mark* begin = fy_token_start_mark(token);
    const fy_mark* end = fy_token_end_mark(token);
    if (!begin || !end) return {nowhere, nowhere};
    const std::uint32_t b = base + static_cast<std::uint32_t>(begin->input_pos);
    const std::uint32_t e = base + static_cast<std::uint32_t>(end->input_pos);
    return {std::min(b, limit), std::min(e, limit), b == e};
  }
  void token(std::uint32_t begin, std::uint32_t end) {
    comments.token(begin, end);
    last = end;
  }
  static std::string_view text(fy_token* token) {
    std::size_t size = 0;
    const char* data = fy_token_get_text(token, &size);
    return data ? std::string_view(data, size) : std::string_view("", 0);
  }
  // Text of a token as a view that lives as long as the arena.
  std::string_view kept(std::string_view text) {
    if (text.empty()) return {"", 0};
    if (text.data() >= bytes.data() && text.data() < bytes.data() + bytes.size()) return text;
    return builder.arena().copy(text);
  }

  // From `from` past white space and comments.
  std::uint32_t skip(std::uint32_t from) const {
    while (from < limit) {
      const char c = bytes[from];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++from;
      } else if (c == '#') {
        while (from < limit && bytes[from] != '\n') ++from;
      } else {
        break;
      }
    }
    return from;
  }
  // An empty node has no token: it stands right after the indicator that announces it.
  std::uint32_t empty_place() const {
    const std::uint32_t next = skip(last);
    const char c = next < limit ? bytes[next] : '\0';
    if (builder.wants_key()) return c == '?' ? next + 1 : c == ':' ? next : last;
    if (builder.in_map()) return c == ':' ? next + 1 : last;
    return c == '-' ? next + 1 : last;
  }

  struct Properties {
    std::string_view tag;
    std::uint32_t begin = nowhere;  // of the first property
  };
  Properties properties(fy_token* anchor, fy_token* tag) {
    Properties p;
    Range a{nowhere, nowhere}, t{nowhere, nowhere};
    if (anchor) a = range(anchor);
    if (tag) t = range(tag);
    const auto take = [&](const Range& r) {
      if (r.begin == nowhere) return;
      if (p.begin == nowhere) p.begin = r.begin;
      token(r.begin, r.end);
    };
    if (t.begin < a.begin) {
      take(t);
      take(a);
    } else {
      take(a);
      take(t);
    }
    if (anchor) builder.anchor(kept(text(anchor)));
    if (tag) {
      p.tag = text(tag);
      if (p.tag.empty()) p.tag = "!";
    }
    return p;
  }

  void scalar(const fy_event_scalar_data& event) {
    const bool plain_properties = !event.anchor && !event.tag;
    Properties props;
    if (!plain_properties) props = properties(event.anchor, event.tag);
    const fy_scalar_style style = event.value ? fy_token_scalar_style(event.value) : FYSS_PLAIN;
    Range r = event.value ? range(event.value) : Range{nowhere, nowhere};
    if (r.begin == nowhere || (style == FYSS_PLAIN && r.begin == r.end)) {
      const std::uint32_t at = plain_properties ? empty_place() : last;
      token(at, at);
      if (!nothing(props.tag)) put("", true, at, at, props.tag);
      return;
    }
    std::string_view content = bytes.substr(r.begin, r.end - r.begin);
    switch (style) {
      case FYSS_ANY:
      case FYSS_MAX:
      case FYSS_PLAIN:
        if (content.find_first_of("\r\n") != std::string_view::npos) content = kept(text(event.value));
        break;
      case FYSS_SINGLE_QUOTED:
        if (content.find_first_of("'\r\n") != std::string_view::npos) content = kept(text(event.value));
        if (r.begin > 0 && bytes[r.begin - 1] == '\'') --r.begin;
        if (r.end < limit && bytes[r.end] == '\'') ++r.end;
        break;
      case FYSS_DOUBLE_QUOTED:
        if (content.find_first_of("\\\r\n") != std::string_view::npos) content = kept(text(event.value));
        if (r.begin > 0 && bytes[r.begin - 1] == '"') --r.begin;
        if (r.end < limit && bytes[r.end] == '"') ++r.end;
        break;
      case FYSS_LITERAL:
      case FYSS_FOLDED: {
        // From the header to the end of the last line with anything on it.
        std::uint32_t header = skip(last);
        while (header < r.begin && bytes[header] != '|' && bytes[header] != '>') header = skip(header + 1);
        content = kept(block_text(header, r, text(event.value)));
        std::uint32_t line_end = header;
        while (line_end < limit && bytes[line_end] != '\n' && bytes[line_end] != '\r') ++line_end;
        std::uint32_t end = r.end;
        while (end > line_end && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t' || bytes[end - 1] == '\n' ||
                                  bytes[end - 1] == '\r'))
          --end;
        if (end <= line_end) {
          end = header + 1;
          while (end < line_end && (bytes[end] == '+' || bytes[end] == '-' || (bytes[end] >= '0' && bytes[end] <= '9')))
            ++end;
        } else {
          while (end < r.end && bytes[end] != '\n' && bytes[end] != '\r') ++end;
        }
        comments.token(header, header + 1);
        comments.gap(std::min(line_end, std::max(r.begin, header)));
        token(std::max(header, line_end), std::max(r.end, line_end));
        put(content, false, header, end, props.tag);
        return;
      }
    }
    token(r.begin, r.end);
    put(content, style == FYSS_PLAIN, r.begin, r.end, props.tag);
  }

  // The text of a block scalar. libfyaml 0.7.12 knows where it ends, but reads a byte beyond its text where
  // it is empty or ends, folded, with a deeper line: so the text is decoded anew.
  std::string_view block_text(std::uint32_t header, const Range& r, std::string_view theirs) {
    if (r.empty || header >= r.begin) return {};
    const BlockHeader h = block_header(bytes, header, r.end);
    if (!h.valid) return theirs;
    decoded.clear();
    if (!h.indent) {
      decode_block(bytes, h, r.end, 0, -1, decoded);
      return decoded.text;
    }
    // The indicator counts from the parent's column, which events do not tell: the one that fits.
    const std::string_view known = theirs.substr(0, theirs.empty() ? 0 : theirs.size() - 1);
    for (int exact = h.indent; exact < h.indent + 1024; ++exact) {
      decoded.clear();
      decode_block(bytes, h, r.end, 0, exact, decoded);
      const std::string_view ours = decoded.text;
      if (ours.size() <= theirs.size() && ours.size() + 1 >= theirs.size() &&
          ours.substr(0, known.size()) == known.substr(0, ours.size()))
        return ours;
    }
    return theirs;
  }

  // An empty document has no root.
  bool nothing(std::string_view tag) const {
    return tag.empty() && builder.at_root() && !builder.has_anchor();
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

  void begin(fy_token* anchor, fy_token* tag, fy_token* start, bool map) {
    Properties props;
    if (anchor || tag) props = properties(anchor, tag);
    const Range r = start ? range(start) : Range{nowhere, nowhere};
    std::uint32_t at = r.begin;
    if (at == nowhere) {
      at = skip(last);
    } else if (r.end > r.begin) {
      token(r.begin, r.end);
    } else {
      comments.gap(r.begin);
      last = std::max(last, r.begin);
    }
    if (map) builder.begin_map(at);
    else builder.begin_list(at);
  }
  void end(fy_token* stop, bool map) {
    const fy_token_type type = stop ? fy_token_get_type(stop) : FYTT_NONE;
    if (type == FYTT_FLOW_MAPPING_END || type == FYTT_FLOW_SEQUENCE_END) {
      const Range r = range(stop);
      const bool own = r.begin != nowhere && r.end == r.begin + 1 && bytes[r.begin] == (map ? '}' : ']');
      if (own) {
        token(r.begin, r.end);
        return map ? builder.end_map(r.end) : builder.end_list(r.end);
      }
    }
    // A block collection ends where its last child does; libfyaml's mark is on the next token.
    return map ? builder.end_map() : builder.end_list();
  }

  // The offset of a line and column (from 1, columns in characters) that an error speaks of.
  std::uint32_t offset(int line, int column) const {
    std::uint32_t at = base;
    for (int i = 1; i < line && at < limit; ++at)
      if (bytes[at] == '\n') ++i;
    for (int i = 1; i < column && at < limit && bytes[at] != '\n'; ++i) {
      ++at;
      while (at < limit && (bytes[at] & 0xc0) == 0x80) ++at;
    }
    return std::min(at, limit);
  }
  // libfyaml can end the stream without an error before the input ends.
  bool consumed() const {
    const std::uint32_t next = skip(last);
    return next >= limit || bytes.substr(next, 3) == "...";
  }
  void syntax_error() {
    void* iterator = nullptr;
    std::string reason = "it ends where more was expected";
    std::uint32_t at = last;
    if (const fy_diag_error* error = fy_diag_errors_iterate(diag, &iterator)) {
      reason = error->msg;
      at = offset(error->line, error->column);
    }
    std::uint32_t line = at;
    while (line > base && bytes[line - 1] != '\n') --line;
    std::uint32_t text = line;
    while (text < limit && bytes[text] == ' ') ++text;
    if (text < limit && bytes[text] == '\t') {
      builder.fail("yaml-syntax", text, text + 1, "this line is indented with a tab; YAML wants spaces");
      return;
    }
    builder.fail("yaml-syntax", at, std::min(at + 1, limit),
                 "this is not YAML: " + reason + "; mend it, the rest of this document is not read");
  }
};

}  // namespace

struct LibraryReader::State {
  fy_diag* diag = nullptr;
  fy_parser* parser = nullptr;
  std::string copy;

  ~State() {
    if (parser) fy_parser_destroy(parser);
    if (diag) fy_diag_destroy(diag);
  }
  bool open() {
    fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = nullptr;  // it would print some errors although they are collected
    diag_config.level = FYET_ERROR;
    diag = fy_diag_create(&diag_config);
    if (!diag) return false;
    fy_diag_set_collect_errors(diag, true);
    fy_parse_cfg config{};
    config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
                                                   FYPCF_DEFAULT_VERSION_1_2);
    config.diag = diag;
    parser = fy_parser_create(&config);
    return parser != nullptr;
  }
};

LibraryReader::LibraryReader(const Source& source) : source_(source) {}
LibraryReader::~LibraryReader() = default;

bool LibraryReader::read(std::uint32_t begin, std::uint32_t end, Builder& builder, CommentFinder& comments) {
  const std::string_view bytes = source_.bytes();
  const std::string_view chunk = bytes.substr(begin, end - begin);
  // A parser of its own for each document: resetting one keeps its errors and costs as much.
  state_ = std::make_unique<State>();
  // libfyaml 0.7.12 reads beyond the end of a text whose last line belongs to a block scalar and has no line
  // break: it gets one.
  const bool lend = !chunk.empty() && chunk.back() != '\n' && chunk.back() != '\r';
  if (lend) {
    state_->copy = chunk;
    state_->copy += '\n';
  }
  const std::string_view text = lend ? std::string_view(state_->copy) : chunk;
  if (!state_->open() || fy_parser_set_string(state_->parser, text.data(), text.size()) != 0) {
    builder.fail("yaml-syntax", begin, begin, "the YAML library could not be started: out of memory");
    return false;
  }
  Events events{state_->parser, state_->diag, bytes, begin, end, builder, comments, begin};
  if (const Danger danger = find_danger(chunk, builder.limits().depth); danger.at != std::string_view::npos) {
    const auto at = begin + static_cast<std::uint32_t>(danger.at);
    if (danger.brackets) builder.too_deep(at);
    else builder.fail("limit-empty-lines", at, at + 1, "many thousands of empty lines before this one; remove them");
    return true;
  }
  bool documents = false;
  bool complete = false;
  while (!builder.failed()) {
    fy_event* event = fy_parser_parse(state_->parser);
    if (!event) break;
    switch (event->type) {
      case FYET_NONE:
      case FYET_STREAM_START: break;
      case FYET_STREAM_END: complete = true; break;
      case FYET_DOCUMENT_START:
        if (documents) {
          builder.fail("yaml-syntax", events.last, events.last + 1, "text after the end of the document; begin a new one with `---`");
        }
        documents = true;
        if (event->document_start.document_start) {
          const auto r = events.range(event->document_start.document_start);
          if (r.begin != nowhere) events.token(r.begin, r.end);
        }
        break;
      case FYET_DOCUMENT_END: break;
      case FYET_MAPPING_START:
        events.begin(event->mapping_start.anchor, event->mapping_start.tag, event->mapping_start.mapping_start, true);
        break;
      case FYET_MAPPING_END: events.end(event->mapping_end.mapping_end, true); break;
      case FYET_SEQUENCE_START:
        events.begin(event->sequence_start.anchor, event->sequence_start.tag, event->sequence_start.sequence_start,
                     false);
        break;
      case FYET_SEQUENCE_END: events.end(event->sequence_end.sequence_end, false); break;
      case FYET_SCALAR: events.scalar(event->scalar); break;
      case FYET_ALIAS: {
        const auto r = events.range(event->alias.anchor);
        if (r.begin == nowhere) break;
        events.token(r.begin - 1, r.end);
        builder.alias(Events::text(event->alias.anchor), r.begin - 1, r.end);
        break;
      }
    }
    fy_parser_event_free(state_->parser, event);
    if (complete) break;
  }
  if (!builder.failed() && (!complete || fy_parser_get_stream_error(state_->parser) || !events.consumed())) events.syntax_error();
  comments.gap(end);
  return documents;
}

}  // namespace assay::yaml
