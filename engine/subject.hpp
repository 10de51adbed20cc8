// What expressions read of the graph: view instances, resources and references, as CEL records.
//
// A `Worker` belongs to one thread. It keeps the instances it made, with their fields memoised, until
// `recycle` is called between two resources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cel/program.hpp"
#include "engine/cel/struct.hpp"
#include "engine/graph.hpp"
#include "engine/library.hpp"
#include "engine/path.hpp"

namespace assay {

// The record types `resource` and `reference`, as every environment declares them.
struct RecordTypes {
  cel::StructType resource, reference;
};
RecordTypes record_types(cel::TypeTable& types);
// self.targets(…), self.sources(…), self.dangling(…), resources(…), world_closed(…), resource.as(…)
void add_graph_functions(cel::Environment& environment, const Library& library, const RecordTypes& records);

// A record that stands for a resource or a part of one.
class Subject : public cel::StructBase {
 public:
  virtual const Resource* resource() const = 0;

 protected:
  ~Subject() = default;
};

class ViewInstance;

// A resource that an evaluation looked at: along an edge, or in a list of all of its kind. A verdict rests on
// the former; a change of either calls for a new judgement.
struct Read {
  ResourceId resource;
  bool by_edge;
};

class Worker {
 public:
  Worker(const Library& library, const Graph& graph, const RecordTypes& records);

  // The instances of a view in a resource: one, several (`each`), or none.
  std::span<ViewInstance* const> instances(const CompiledView& view, const Resource& resource);
  cel::Val record(const Resource& resource);

  // Evaluates a program for one subject; `it` may be null. Memory lives until `release`.
  cel::Frame frame(const cel::Val& self, const Value& object, const cel::Val& resource, const cel::Val& fourth);
  void release();  // gives back what the last evaluation built
  void recycle();  // drops instances when they hold much memory

  const Library& library() const { return library_; }
  const Graph& graph() const { return graph_; }
  const RecordTypes& records() const { return records_; }
  cel::Scratch& memory() { return memo_; }
  // Of the resource under judgement; made on first need.
  const PlaceIndex& places(const Resource& resource);

  // The scope of the resource under judgement, and what was read while judging it.
  ScopeId scope = 0;
  std::vector<Read> reads;

 private:
  friend class ViewInstance;
  struct Key {
    const void* view;
    ResourceId resource;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return reinterpret_cast<std::uintptr_t>(key.view) * 31 + key.resource * 0x9E3779B97F4A7C15ull;
    }
  };
  const Library& library_;
  const Graph& graph_;
  const RecordTypes& records_;
  cel::Scratch memo_, temporary_;
  std::unordered_map<Key, std::span<ViewInstance* const>, KeyHash> instances_;
  std::unordered_map<ResourceId, cel::Val> resource_records_;
  cel::Val slots_[slot_count];
  std::optional<PlaceIndex> places_;
  ResourceId places_of_ = no_resource;
  int nesting_ = 0;  // fields being computed, one inside the other
};

// One view of one resource (or of one element inside it, for nested views).
class ViewInstance final : public Subject {
 public:
  ViewInstance(Worker& worker, const CompiledSource& source, const Resource& resource, Value object,
               ViewInstance* owner, std::string_view subpath);

  const cel::StructType& type() const override { return source_.view->type; }
  cel::Val get(std::uint32_t field, cel::Frame& frame) override;
  bool has(std::uint32_t field, cel::Frame& frame) override;
  Value value() const override { return object_; }
  const void* identity() const override { return this; }
  const Resource* resource() const override { return &resource_; }

  const CompiledView& view() const { return *source_.view; }
  std::string_view subpath() const { return subpath_; }
  cel::Val val();

 private:
  cel::Val compute(std::uint32_t field, cel::Frame& frame);
  cel::Val fit(const cel::Val& raw, std::uint32_t field, cel::Frame& frame);
  cel::Val wrap(const cel::Val& raw, const CompiledView& nested, cel::Frame& frame);

  enum class State : std::uint8_t { empty, busy, done };
  Worker& worker_;
  const CompiledSource& source_;
  const Resource& resource_;
  Value object_;
  ViewInstance* owner_;
  std::string_view subpath_;
  State* states_ = nullptr;
  cel::Val* memo_ = nullptr;
  std::span<const Read>* reads_ = nullptr;  // by field: what computing it read, for those who find it memoised
};

}  // namespace assay
