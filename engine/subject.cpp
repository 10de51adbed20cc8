#include "engine/subject.hpp"

#include <algorithm>
#include <memory>
#include <new>

#include "engine/cel/operations.hpp"

namespace assay {

using cel::Frame;
using cel::Val;
using cel::ValKind;

namespace {

// Memory of instances beyond which a worker starts afresh between two resources.
constexpr std::size_t recycle_bytes = 16u << 20;

enum ResourceField : std::uint32_t { f_address, f_type, f_name, f_namespace, f_kind, f_api_version, f_scope, f_evidence, f_implied, f_object };
enum ReferenceField : std::uint32_t { r_kind, r_type, r_name, r_optional, r_value };

Val structure(cel::StructBase* base, Value value) {
  Val val;
  val.kind = ValKind::structure;
  val.structure = base;
  val.source = value;
  return val;
}

Worker& worker_of(Frame& frame) { return *static_cast<Worker*>(frame.host); }

template <class T, class... Args>
T* make(cel::Scratch& memory, Args&&... args) {
  void* place = memory.allocate(sizeof(T), alignof(T));
  return place ? new (place) T(std::forward<Args>(args)...) : nullptr;
}

// A resource as a record of its own, whatever views it has.
class ResourceRecord final : public Subject {
 public:
  ResourceRecord(const RecordTypes& types, const Resource& resource) : types_(types), resource_(resource) {}
  const cel::StructType& type() const override { return types_.resource; }
  Val get(std::uint32_t field, Frame&) override {
    switch (static_cast<ResourceField>(field)) {
      case f_address: return cel::val_string(resource_.address);
      case f_type: return cel::val_string(resource_.type);
      case f_name: return cel::val_string(resource_.name);
      case f_namespace: return cel::val_string(resource_.ns);
      case f_kind: {
        const std::string_view type = resource_.type;
        const auto cut = type.find_last_of("/:");
        return cel::val_string(cut == type.npos ? type : type.substr(cut + 1));
      }
      case f_api_version: return cel::val_string(resource_.api_version);
      case f_scope: return cel::val_int(resource_.scope);
      case f_evidence: return cel::val_string(name_of(resource_.evidence));
      case f_implied: return cel::val_bool(resource_.implied);
      case f_object: return cel::val_of(resource_.value);
    }
    return cel::val_null();
  }
  bool has(std::uint32_t field, Frame&) override { return field != f_object || resource_.value; }
  Value value() const override { return resource_.value; }
  const void* identity() const override { return &resource_; }
  const Resource* resource() const override { return &resource_; }

 private:
  const RecordTypes& types_;
  const Resource& resource_;
};

// A reference to something that is not among the inputs.
class ReferenceRecord final : public Subject {
 public:
  ReferenceRecord(const RecordTypes& types, const Resource& from, const Edge& edge)
      : types_(types), from_(from), edge_(edge) {}
  const cel::StructType& type() const override { return types_.reference; }
  Val get(std::uint32_t field, Frame&) override {
    switch (static_cast<ReferenceField>(field)) {
      case r_kind: return cel::val_string(name_of(edge_.kind));
      case r_type: return cel::val_string(edge_.target_type);
      case r_name: return cel::val_string(edge_.target_name);
      case r_optional: return cel::val_bool(edge_.optional);
      case r_value: return cel::val_of(edge_.reason);
    }
    return cel::val_null();
  }
  bool has(std::uint32_t, Frame&) override { return true; }
  Value value() const override { return edge_.reason; }
  const void* identity() const override { return &edge_; }
  const Resource* resource() const override { return &from_; }

 private:
  const RecordTypes& types_;
  const Resource& from_;
  const Edge& edge_;
};

const Subject* subject_of(const Val& val) {
  return val.kind == ValKind::structure ? dynamic_cast<const Subject*>(val.structure) : nullptr;
}

// --- graph functions ---

Val to_list(Frame& frame, const std::vector<ResourceId>& ids, const CompiledView* view, bool by_edge) {
  Worker& worker = worker_of(frame);
  std::vector<Val> items;
  for (const ResourceId id : ids) {
    worker.reads.push_back({id, by_edge});
    const Resource& resource = worker.graph().resource(id);
    if (!view) {
      items.push_back(worker.record(resource));
      continue;
    }
    for (ViewInstance* instance : worker.instances(*view, resource)) items.push_back(instance->val());
  }
  return cel::make_list(frame, items);
}

std::vector<ResourceId> neighbours(Frame& frame, const Val& self, std::string_view kind, bool outgoing, std::string& problem) {
  std::vector<ResourceId> ids;
  const Subject* subject = subject_of(self);
  const auto edge = edge_kind(kind);
  if (!subject || !subject->resource()) {
    problem = "this has no edges; ask `self` or a resource";
    return ids;
  }
  if (!edge) {
    problem = "no kind of edge is called `" + std::string(kind) + "`";
    return ids;
  }
  const Graph& graph = worker_of(frame).graph();
  const ResourceId id = subject->resource()->id;
  for (const Edge* one : outgoing ? graph.targets(id, *edge) : graph.sources(id, *edge))
    ids.push_back(outgoing ? one->to : one->from);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

template <bool outgoing>
Val neighbours_call(Frame& frame, std::span<const Val> args) {
  std::string problem;
  const auto ids = neighbours(frame, args[0], args[1].string(), outgoing, problem);
  if (!problem.empty()) return cel::make_error(frame, problem);
  const CompiledView* view = nullptr;
  if (args.size() > 2) {
    view = worker_of(frame).library().view(args[2].string());
    if (!view) return cel::make_error(frame, "no view is called `" + std::string(args[2].string()) + "`");
  }
  return to_list(frame, ids, view, true);
}

Val dangling_call(Frame& frame, std::span<const Val> args) {
  const Subject* subject = subject_of(args[0]);
  const auto kind = args.size() > 1 ? edge_kind(args[1].string()) : std::nullopt;
  if (!subject || (args.size() > 1 && !kind)) return cel::make_error(frame, "no such kind of edge");
  Worker& worker = worker_of(frame);
  std::vector<Val> items;
  for (const Edge* edge : worker.graph().dangling(subject->resource()->id)) {
    if (kind && edge->kind != *kind) continue;
    auto* record = make<ReferenceRecord>(worker.memory(), worker.records(), *subject->resource(), *edge);
    if (!record) return cel::out_of_memory(frame);
    items.push_back(structure(record, edge->reason));
  }
  return cel::make_list(frame, items);
}

// Whether `reason` is `value` or stands inside it.
bool part_of(Value value, Value reason) {
  if (value == reason) return true;
  const Span outer = located(value).span, inner = located(reason).span;
  return outer && inner && outer.source == inner.source && inner.begin >= outer.begin && inner.end <= outer.end;
}

// Values at `a.b.c` below a value; lists on the way stand for their elements.
void values_at(Value from, std::string_view path, std::vector<Value>& found) {
  if (!from || from.is_null()) return;
  if (path.empty() && !from.is_list()) return found.push_back(from);
  if (from.is_list()) {
    for (const Value item : from.items()) values_at(item, path, found);
    return;
  }
  const auto dot = std::min(path.find('.'), path.size());
  values_at(from.find(path.substr(0, dot)), path.substr(std::min(dot + 1, path.size())), found);
}

Val refers_call(Frame& frame, std::span<const Val> args) {
  const Subject* subject = subject_of(args[0]);
  if (!subject || !subject->resource()) return cel::make_error(frame, "this has no edges; ask `self` or a resource");
  std::vector<Value> values;
  values_at(subject->value(), args[1].string(), values);
  const Graph& graph = worker_of(frame).graph();
  for (std::size_t kind = 0; kind < edge_kind_count; ++kind) {
    for (const Edge* edge : graph.targets(subject->resource()->id, static_cast<EdgeKind>(kind)))
      for (const Value value : values)
        if (part_of(value, edge->reason)) return cel::val_bool(true);
  }
  return cel::val_bool(false);
}

Val resources_call(Frame& frame, std::span<const Val> args) {
  Worker& worker = worker_of(frame);
  const std::string_view name = args[0].string();
  std::vector<ResourceId> ids;
  const auto add = [&](std::string_view type) {
    for (const ResourceId id : worker.graph().of_type(type))
      if (worker.graph().resource(id).scope == worker.scope) ids.push_back(id);
  };
  const CompiledView* view = worker.library().view(name);
  if (!view) {
    add(name);
  } else {
    for (const auto& [type, source] : view->sources) add(type);
    std::sort(ids.begin(), ids.end());
  }
  return to_list(frame, ids, view, false);
}

Val world_closed_call(Frame& frame, std::span<const Val> args) {
  Worker& worker = worker_of(frame);
  const std::string_view type = args[0].string();
  if (worker.graph().closed_world(worker.scope, type)) return cel::val_bool(true);
  return cel::make_unknown(frame, "the inputs need not hold every `" + std::string(type.substr(type.find_last_of("/:") + 1)) + "`");
}

Val as_call(Frame& frame, std::span<const Val> args) {
  Worker& worker = worker_of(frame);
  const Subject* subject = subject_of(args[0]);
  const CompiledView* view = worker.library().view(args[1].string());
  if (!subject || !view) return cel::make_error(frame, "`as` takes a resource and the name of a view");
  const auto instances = worker.instances(*view, *subject->resource());
  if (instances.empty()) return cel::val_none();
  return cel::make_some(frame, instances.front()->val());
}

// The view that the call's argument number `index` names, when it is a literal.
const CompiledView* named_view(const Library& library, const cel::Expr& call, std::size_t index, std::string& error, bool type_allowed) {
  const auto* node = std::get_if<cel::Call>(&call.node);
  if (!node || node->args.size() <= index) return nullptr;
  const auto* constant = std::get_if<cel::Constant>(&node->args[index]->node);
  const auto* text = constant ? std::get_if<std::string>(&constant->value) : nullptr;
  if (!text) return nullptr;
  const CompiledView* view = library.view(*text);
  const bool is_type = text->find(':') != std::string::npos || text->find('_') != std::string::npos;
  if (!view && !(type_allowed && is_type)) error = "no view is called `" + *text + "`";
  return view;
}

void check_edge(const cel::Expr& call, std::string& error) {
  const auto* node = std::get_if<cel::Call>(&call.node);
  if (!node || node->args.empty()) return;
  const auto* constant = std::get_if<cel::Constant>(&node->args[0]->node);
  const auto* text = constant ? std::get_if<std::string>(&constant->value) : nullptr;
  if (!text || edge_kind(*text)) return;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < edge_kind_count; ++i) names.push_back(name_of(static_cast<EdgeKind>(i)));
  error = "no kind of edge is called `" + *text + "`";
  if (const auto near = nearest(*text, names); !near.empty()) error += "; did you mean `" + std::string(near) + "`?";
}

}  // namespace

RecordTypes record_types(cel::TypeTable& types) {
  using cel::TypeKind;
  const cel::Type* string = types.primitive(TypeKind::string);
  const cel::Type* boolean = types.primitive(TypeKind::boolean);
  RecordTypes records;
  records.resource = {"resource", types.structure("resource"),
                      {{"address", string}, {"type", string}, {"name", string}, {"namespace", string}, {"kind", string},
                       {"api_version", string}, {"scope", types.primitive(TypeKind::int64)}, {"evidence", string},
                       {"implied", boolean}, {"object", types.dyn()}}};
  records.reference = {"reference", types.structure("reference"),
                       {{"kind", string}, {"type", string}, {"name", string}, {"optional", boolean}, {"value", types.dyn()}}};
  return records;
}

void add_graph_functions(cel::Environment& environment, const Library& library, const RecordTypes& records) {
  using cel::TypeKind;
  cel::TypeTable& types = environment.types();
  const cel::Type* string = types.primitive(TypeKind::string);
  const cel::Type* dyn = types.dyn();
  const cel::Type* resources = types.list(records.resource.type);
  const auto refine_list = [&library, &types](std::size_t index, bool type_allowed) {
    return [&library, &types, index, type_allowed](const cel::Expr& call, std::string& error) -> const cel::Type* {
      if (index > 0) check_edge(call, error);
      const CompiledView* view = named_view(library, call, index, error, type_allowed);
      return view ? types.list(view->type.type) : nullptr;
    };
  };
  environment.add_function({"targets",
                            {{"subject_targets", true, {dyn, string}, resources, neighbours_call<true>},
                             {"subject_targets_view", true, {dyn, string, string}, types.list(dyn), neighbours_call<true>}},
                            "resources that edges of this kind lead to; with a view's name, their instances of that view",
                            refine_list(1, false)});
  environment.add_function({"sources",
                            {{"subject_sources", true, {dyn, string}, resources, neighbours_call<false>},
                             {"subject_sources_view", true, {dyn, string, string}, types.list(dyn), neighbours_call<false>}},
                            "resources that edges of this kind come from; with a view's name, their instances of that view",
                            refine_list(1, false)});
  const cel::Type* references = types.list(records.reference.type);
  environment.add_function({"dangling",
                            {{"subject_dangling", true, {dyn, string}, references, dangling_call},
                             {"subject_dangling_all", true, {dyn}, references, dangling_call}},
                            "references of this kind to what is not among the inputs",
                            [](const cel::Expr& call, std::string& error) -> const cel::Type* {
                              check_edge(call, error);
                              return nullptr;
                            }});
  environment.add_function({"refers", {{"subject_refers", true, {dyn, string}, types.primitive(TypeKind::boolean), refers_call}},
                            "whether what stands at a path (`a.b`; lists stand for their elements) leads to a resource among the inputs",
                            nullptr});
  environment.add_function({"resources", {{"resources_named", false, {string}, resources, resources_call}},
                            "every resource of a type, or every instance of a view, in the scope of the resource under judgement",
                            refine_list(0, true)});
  environment.add_function({"world_closed", {{"world_closed", false, {string}, types.primitive(TypeKind::boolean), world_closed_call}},
                            "true where the inputs hold every object of this type; unknown otherwise", nullptr});
  environment.add_function({"as", {{"subject_as", true, {dyn, string}, types.optional(dyn), as_call}},
                            "the resource's first instance of a view, if it has one",
                            [&library, &types](const cel::Expr& call, std::string& error) -> const cel::Type* {
                              const CompiledView* view = named_view(library, call, 0, error, false);
                              return view ? types.optional(view->type.type) : nullptr;
                            }});
}

// --- Worker ---

Worker::Worker(const Library& library, const Graph& graph, const RecordTypes& records)
    : library_(library), graph_(graph), records_(records), memo_(512u << 20), temporary_(64u << 20) {}

cel::Frame Worker::frame(const Val& self, const Value& object, const Val& resource, const Val& fourth) {
  slots_[slot_self] = self;
  slots_[slot_object] = cel::val_of(object);
  slots_[slot_resource] = resource;
  slots_[slot_it] = fourth;
  Frame frame;
  frame.slots = slots_;
  frame.scratch = &temporary_;
  frame.host = this;
  return frame;
}

void Worker::release() { temporary_.release({}); }

void Worker::recycle() {
  if (memo_.used() < recycle_bytes) return;
  instances_.clear();
  resource_records_.clear();
  memo_.release({});
}

Val Worker::record(const Resource& resource) {
  const auto found = resource_records_.find(resource.id);
  if (found != resource_records_.end()) return found->second;
  auto* made = make<ResourceRecord>(memo_, records_, resource);
  const Val val = made ? structure(made, resource.value) : cel::val_null();
  resource_records_.emplace(resource.id, val);
  return val;
}

const PlaceIndex& Worker::places(const Resource& resource) {
  if (!places_ || places_of_ != resource.id) {
    places_.emplace(resource.value);
    places_of_ = resource.id;
  }
  return *places_;
}

std::span<ViewInstance* const> Worker::instances(const CompiledView& view, const Resource& resource) {
  const Key key{&view, resource.id};
  if (const auto found = instances_.find(key); found != instances_.end()) return found->second;
  std::vector<ViewInstance*> made;
  if (const CompiledSource* source = view.source(resource.type)) {
    if (!source->each) {
      made.push_back(make<ViewInstance>(memo_, *this, *source, resource, resource.value, nullptr, std::string_view()));
    } else {
      // `each` sees the resource as a record and its object; every item becomes an instance.
      Val slots[slot_count];
      slots[slot_self] = record(resource);
      slots[slot_object] = cel::val_of(resource.value);
      slots[slot_resource] = slots[slot_self];
      Frame frame;
      frame.slots = slots;
      frame.scratch = &memo_;
      frame.host = this;
      const Val items = cel::evaluate(*source->each, frame);
      if (items.is(ValKind::list)) {
        for (std::size_t i = 0; i < cel::size_of(items); ++i) {
          const Val item = cel::item_at(items, i);
          std::string_view path;
          if (const Value name = item.source.find("name"); name.is_string()) path = name.as_string();
          else path = memo_.copy(std::to_string(i));
          made.push_back(make<ViewInstance>(memo_, *this, *source, resource, item.source, nullptr, path));
        }
      } else if (items.is_unknown()) {
        // How many there are is not known: one whose every field is unknown stands for them.
        Value storage;
        const auto unknowns = cel::unknown_values(items, storage);
        const Value what = unknowns.empty() ? Value() : unknowns[0];
        if (what) made.push_back(make<ViewInstance>(memo_, *this, *source, resource, what, nullptr, std::string_view()));
      }
    }
  }
  std::erase(made, nullptr);
  auto* kept = memo_.array<ViewInstance*>(made.size());
  if (!kept) return {};
  std::copy(made.begin(), made.end(), kept);
  const std::span<ViewInstance* const> result(kept, made.size());
  instances_.emplace(key, result);
  return result;
}

// --- ViewInstance ---

ViewInstance::ViewInstance(Worker& worker, const CompiledSource& source, const Resource& resource, Value object,
                           ViewInstance* owner, std::string_view subpath)
    : worker_(worker), source_(source), resource_(resource), object_(object), owner_(owner), subpath_(subpath) {
  const std::size_t count = source.view->type.fields.size();
  states_ = worker.memo_.array<State>(count);
  memo_ = worker.memo_.array<Val>(count);
  reads_ = worker.memo_.array<std::span<const Read>>(count);
  if (!states_ || !memo_ || !reads_) {
    states_ = nullptr;
    return;
  }
  std::fill_n(states_, count, State::empty);
  std::uninitialized_fill_n(reads_, count, std::span<const Read>());
}

Val ViewInstance::val() { return structure(this, object_); }

bool ViewInstance::has(std::uint32_t field, Frame& frame) {
  const Val val = get(field, frame);
  return !val.is(ValKind::null) && !val.is_error();
}

Val ViewInstance::get(std::uint32_t field, Frame& frame) {
  if (!states_) return cel::out_of_memory(frame);
  if (states_[field] == State::busy) return cel::make_error(frame, "a view's field needs itself");
  std::vector<Read>& reads = worker_.reads;
  if (frame.trace == nullptr && states_[field] == State::done) {
    reads.insert(reads.end(), reads_[field].begin(), reads_[field].end());
    return memo_[field];
  }
  // Fields may ask fields of other resources in a long chain; not memoised, since a shorter way may exist.
  constexpr int most_nested = 48;
  if (worker_.nesting_ >= most_nested) return cel::make_error(frame, "views nest too deeply");
  const State before = states_[field];
  states_[field] = State::busy;
  ++worker_.nesting_;
  const std::size_t reads_before = reads.size();
  const Val computed = compute(field, frame);
  --worker_.nesting_;
  if (frame.trace) {
    states_[field] = before;
    return before == State::done ? memo_[field] : computed;
  }
  memo_[field] = computed;
  states_[field] = State::done;
  if (const std::size_t count = reads.size() - reads_before; count > 0) {
    auto* kept = worker_.memo_.array<Read>(count);
    if (!kept) return cel::out_of_memory(frame);
    std::copy_n(reads.begin() + static_cast<std::ptrdiff_t>(reads_before), count, kept);
    reads_[field] = {kept, count};
  }
  return computed;
}

Val ViewInstance::compute(std::uint32_t field, Frame& frame) {
  const CompiledView& view = *source_.view;
  if (field >= view.own_fields) {
    const std::string& name = view.type.fields[field].name;
    if (name == "resource") return worker_.record(resource_);
    if (name == "object") return cel::val_of(object_);
    return owner_ ? owner_->val() : cel::val_null();
  }
  const auto& program = source_.fields[field];
  // Memoised values outlive the evaluation that asked for them.
  Frame nested;
  nested.scratch = &worker_.memo_;
  nested.host = frame.host;
  // A budget of its own: what a field gives must not depend on who asked for it first.
  nested.cost_limit = frame.cost_limit;
  if (!program) {
    return cel::make_unknown(nested, "the view " + view.type.name + " does not say `" + view.type.fields[field].name + "` of a " +
                                         resource_.type);
  }
  Val slots[slot_count];
  slots[slot_self] = val();
  slots[slot_object] = cel::val_of(object_);
  slots[slot_resource] = worker_.record(resource_);
  slots[slot_owner] = owner_ ? owner_->val() : cel::val_null();
  nested.slots = slots;
  Val result;
  if (frame.trace) {
    std::vector<cel::Decisive> decisive;
    result = cel::evaluate_traced(*program, nested, decisive);
    for (const auto& one : decisive) {
      auto& all = frame.trace->decisive;
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
  } else {
    result = cel::evaluate(*program, nested);
  }
  return fit(result, field, nested);
}

namespace {

bool kind_fits(const cel::Type& type, const Val& val) {
  using cel::TypeKind;
  switch (type.kind) {
    case TypeKind::boolean: return val.is(ValKind::boolean);
    case TypeKind::int64: return val.is(ValKind::int64);
    case TypeKind::uint64: return val.is(ValKind::uint64);
    case TypeKind::float64: return val.is(ValKind::float64);
    case TypeKind::string: return val.is(ValKind::string);
    case TypeKind::bytes: return val.is(ValKind::bytes);
    case TypeKind::timestamp: return val.is(ValKind::timestamp);
    case TypeKind::duration: return val.is(ValKind::duration);
    case TypeKind::list: return val.is(ValKind::list);
    case TypeKind::map: return val.is(ValKind::map);
    case TypeKind::optional: return val.is(ValKind::optional);
    case TypeKind::structure: return val.is(ValKind::structure);
    case TypeKind::dyn: case TypeKind::null: case TypeKind::type: case TypeKind::wrapper: case TypeKind::opaque:
    case TypeKind::variable: case TypeKind::error: return true;
  }
  return true;
}

std::string_view kind_name(const Val& val) {
  switch (val.kind) {
    case ValKind::null: return "null";
    case ValKind::boolean: return "bool";
    case ValKind::int64: return "int";
    case ValKind::uint64: return "uint";
    case ValKind::float64: return "double";
    case ValKind::string: return "string";
    case ValKind::bytes: return "bytes";
    case ValKind::timestamp: return "timestamp";
    case ValKind::duration: return "duration";
    case ValKind::list: return "list";
    case ValKind::map: return "map";
    case ValKind::type: return "type";
    case ValKind::optional: return "optional";
    case ValKind::structure: return "record";
    case ValKind::opaque: return "opaque value";
    case ValKind::error: return "error";
    case ValKind::unknown: return "unknown";
  }
  return "";
}

}  // namespace

// The input may hold anything where a field's type promises a bool: what does not fit is unknown, with the reason.
Val ViewInstance::fit(const Val& raw, std::uint32_t field, Frame& frame) {
  if (raw.is_error() || raw.is_unknown()) return raw;
  const CompiledView& view = *source_.view;
  if (const CompiledView* nested = view.nested[field]) return wrap(raw, *nested, frame);
  const cel::Type& type = *view.type.fields[field].type;
  const auto misfit = [&](const Val& val, const cel::Type& wanted) {
    const std::string text = "`" + view.type.fields[field].name + "` is a " + std::string(kind_name(val)) + " where a " + cel::to_string(&wanted) + " is expected";
    return cel::make_unknown(frame, text);
  };
  if (type.kind == cel::TypeKind::float64 && raw.is(ValKind::int64)) {
    Val widened = cel::val_double(static_cast<double>(raw.int64));
    widened.source = raw.source;
    return widened;
  }
  if (!kind_fits(type, raw)) return misfit(raw, type);
  if (type.kind == cel::TypeKind::list && type.parameters[0]->kind != cel::TypeKind::dyn) {
    for (std::size_t i = 0; i < cel::size_of(raw); ++i) {
      const Val item = cel::item_at(raw, i);
      if (!kind_fits(*type.parameters[0], item)) return misfit(item, *type.parameters[0]);
    }
  }
  return raw;
}

Val ViewInstance::wrap(const Val& raw, const CompiledView& nested, Frame& frame) {
  const CompiledSource* source = nested.source(resource_.type);
  if (!source) return cel::make_unknown(frame, "the view " + nested.type.name + " does not cover " + resource_.type);
  const auto one = [&](const Val& item) -> Val {
    if (item.is(ValKind::structure) || item.is_unknown() || item.is_error()) return item;
    if (!item.is(ValKind::map)) {
      return cel::make_unknown(frame, "a " + std::string(kind_name(item)) + " stands where a " + nested.type.name + " is expected");
    }
    auto* instance = make<ViewInstance>(worker_.memo_, worker_, *source, resource_, item.source, this, std::string_view());
    return instance ? instance->val() : cel::out_of_memory(frame);
  };
  if (raw.is(ValKind::list)) {
    std::vector<Val> items;
    items.reserve(cel::size_of(raw));
    for (std::size_t i = 0; i < cel::size_of(raw); ++i) {
      items.push_back(one(cel::item_at(raw, i)));
      // An item that is not known stays one of the list: the others can be judged.
      if (items.back().is_error()) return items.back();
    }
    return cel::make_list(frame, items);
  }
  if (raw.is(ValKind::optional)) {
    if (raw.tag == 0) return raw;
    return cel::make_some(frame, one(*raw.held));
  }
  if (raw.is(ValKind::null)) return raw;
  return one(raw);
}

}  // namespace assay
