// `assay eval EXPRESSION FILE`: an expression on every object of a file, for people who write rules.
#include <iostream>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "engine/cel/environments.hpp"
#include "engine/cel/operations.hpp"
#include "engine/cel/program.hpp"
#include "parsers/candidate.hpp"
#include "parsers/json/json.hpp"
#include "parsers/kubernetes/adapter.hpp"
#include "parsers/walk.hpp"
#include "parsers/yaml/yaml.hpp"

namespace assay {

namespace {

// Recursion follows the input's nesting, which its readers bound.
Value without_secrets(Value value, Arena& arena) {
  if (!value.has_sensitive()) return value;
  if (value.sensitive()) return arena.string("(not shown)", value.span());
  if (value.is_list()) {
    std::vector<Value> items;
    for (const Value item : value.items()) items.push_back(without_secrets(item, arena));
    return arena.list(items, value.span(), value.is(Kind::set));
  }
  std::vector<Entry> entries(value.entries().begin(), value.entries().end());
  for (Entry& entry : entries) entry.value = without_secrets(entry.value, arena);
  return arena.map(entries, value.span());
}

// What the checker knows, else what the value turned out to be.
std::string type_text(const cel::Program& program, const cel::Val& value) {
  const cel::Type* const known = program.type();
  if (known && known->kind != cel::TypeKind::dyn) return cel::to_string(known);
  return std::string(cel::runtime_name(cel::runtime_type(value)));
}

}  // namespace

int eval_command(const Arguments& arguments) {
  EvalOptions options;
  if (const Stop stop = parse_eval(arguments, options)) return *stop;

  Sources sources;
  Diagnostics diagnostics;
  const auto say = [&] {
    for (const Diagnostic& diagnostic : diagnostics.all()) print(std::cerr, sources, diagnostic, Colour::off);
  };

  const Source& expression = sources.add("expression", options.expression);
  auto types = std::make_shared<cel::TypeTable>();
  cel::Environment environment = cel::everything(types);
  environment.add_variable("object", types->dyn());
  std::vector<cel::Issue> issues;
  const std::unique_ptr<cel::Program> program = cel::compile(expression.bytes(), environment, issues);
  for (const cel::Issue& issue : issues)
    diagnostics.error("expression", {expression.id(), issue.range.begin, issue.range.end}, issue.message);
  if (!program) {
    say();
    return misused;
  }

  const ParseLimits limits;
  FoundFile found{options.file == "-" ? "-" : options.file, options.file};
  FileBytes read = read_file(found, limits.bytes);
  if (!read.failure.empty() || read.cut) {
    std::cerr << "assay eval: `" << inert(options.file) << "` cannot be read: " << (read.cut ? "it is too large" : read.failure) << "\n";
    return misused;
  }
  const Candidate candidate = judge(read.bytes, options.file.ends_with(".json"));
  const bool terraform = terraform_format(options.file) == Format::terraform || candidate.format == Format::plan || candidate.format == Format::state;
  std::unique_ptr<Session> session;
  ParsedFile file;
  std::vector<std::pair<std::string, Value>> objects;
  if (terraform) {
    SessionOptions session_options;
    session_options.paths = {options.file};
    session_options.as_of = default_audit_date();
    session = load_session(session_options);
    for (const Diagnostic& diagnostic : session->report.diagnostics.all()) print(std::cerr, session->sources, diagnostic, Colour::off);
    for (const Resource& resource : session->graph.resources())
      if (!resource.context && resource.value) objects.emplace_back(resource.address, resource.value);
  } else {
    const Source& source = sources.add(found.name, std::move(read.bytes));
    file = candidate.format == Format::json ? json::parse(source, limits, diagnostics) : yaml::parse(source, limits, diagnostics);
  }

  // What is no Kubernetes object is taken as it is.
  for (kubernetes::Object& object : kubernetes::objects(file, [](std::string_view) { return false; }, file.arena, diagnostics))
    objects.emplace_back(std::move(object.address), object.value);
  if (objects.empty())
    for (const Document& document : file.documents)
      if (document.root) objects.emplace_back("document " + std::to_string(document.ordinal + 1), document.root);
  say();

  Arena arena;
  bool good = diagnostics.errors() == 0;
  for (const auto& [name, object] : objects) {
    cel::Scratch scratch;
    const cel::Val slots[] = {cel::val_of(without_secrets(object, arena))};
    cel::Frame frame;
    frame.slots = slots;
    frame.scratch = &scratch;
    const cel::Val result = cel::evaluate(*program, frame);
    good = good && !result.is_error();
    std::cout << inert(name) << ": " << inert(cel::to_text(result));
    if (!result.is_error() && !result.is_unknown()) std::cout << "  (" << type_text(*program, result) << ")";
    std::cout << "\n";
  }
  return good ? fine : unfinished;
}

}  // namespace assay
