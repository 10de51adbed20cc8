// What evaluation may not do: allocate in the steady state, run on, or grow without end.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>

#include "tests/celrun/support.hpp"

// Counts every allocation of this process; the tests look at differences. The sanitizers have operators of
// their own: there nothing is counted.
static std::atomic<std::size_t> allocations = 0;
#ifndef __SANITIZE_ADDRESS__
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

using namespace celrun;

namespace {

// A workload as rules see it.
Value workload(Bench& b) {
  std::vector<Value> containers;
  for (int i = 0; i < 4; ++i) {
    containers.push_back(b.map({{"name", b.str("c" + std::to_string(i))},
                                {"image", b.str("registry.example.org/app:1." + std::to_string(i))},
                                {"securityContext", b.map({{"runAsNonRoot", b.boolean(i != 2)}, {"privileged", b.boolean(false)}})},
                                {"ports", b.list({b.map({{"containerPort", b.num(8080 + i)}}), b.map({{"containerPort", b.num(9090)}})})},
                                {"resources", b.map({{"limits", b.map({{"memory", b.str("128Mi")}})}})}}));
  }
  return b.map({{"apiVersion", b.str("apps/v1")},
                {"kind", b.str("Deployment")},
                {"metadata", b.map({{"name", b.str("api")}, {"namespace", b.str("prod")}, {"labels", b.map({{"app", b.str("api")}})}})},
                {"spec", b.map({{"replicas", b.num(3)}, {"template", b.map({{"spec", b.map({{"containers", b.list(containers)}})}})}})}});
}

constexpr const char* expressions[] = {
    "object.spec.replicas >= 2",
    "object.metadata.namespace == 'prod' && object.spec.replicas >= 2 && object.kind in ['Deployment', 'StatefulSet']",
    "has(object.spec.template.spec.securityContext) && object.spec.template.spec.securityContext.runAsNonRoot",
    "object.spec.template.spec.containers.all(c, has(c.resources.limits) && has(c.resources.limits.memory))",
    "object.spec.template.spec.containers.exists(c, c.securityContext.runAsNonRoot == false)",
    "object.spec.template.spec.containers.all(c, c.?securityContext.?privileged.orValue(false) == false)",
    "object.spec.template.spec.containers.exists(c, c.ports.exists(p, p.containerPort == 8083))",
    "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.org/'))",
    "object.spec.template.spec.containers.all(c, c.image.matches('^registry[.]example[.]org/[a-z]+:[0-9.]+$'))",
    "object.?spec.?template.?spec.?hostNetwork.orValue(false)",
    "size(object.spec.template.spec.containers.filter(c, !c.securityContext.runAsNonRoot)) == 1",
};

}  // namespace

TEST_CASE("evaluation does not allocate where nothing is built", "[celrun]") {
  Bench b;
  b.variable("object", val_of(workload(b)));
  for (const char* const text : expressions) {
    const auto program = b.compile(text);
    Frame frame = b.frame();
    for (int i = 0; i < 3; ++i) {  // warm: the scratch memory's first block
      b.scratch.release({});
      frame.cost = 0;
      REQUIRE(evaluate(*program, frame).is(ValKind::boolean));
    }
    b.scratch.release({});
    const std::size_t before = allocations, used = b.scratch.used();
    for (int i = 0; i < 100; ++i) {
      frame.cost = 0;
      evaluate(*program, frame);
    }
    const std::size_t made = allocations - before, used_after = b.scratch.used();
    INFO(text);
    CHECK(made == 0);
    CHECK(used_after == used);  // nor does it use scratch memory
  }
}

// Not a timed test: prints what an evaluation takes. Hidden: assay-tests "[celrun-speed]".
TEST_CASE("nanoseconds per evaluation", "[.][celrun-speed]") {
  Bench b;
  b.variable("object", val_of(workload(b)));
  for (const char* const text : expressions) {
    const auto program = b.compile(text);
    Frame frame = b.frame();
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      constexpr int times = 50000;
      for (int i = 0; i < times; ++i) {
        frame.cost = 0;
        evaluate(*program, frame);
        b.scratch.release({});
      }
      best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / times);
    }
    WARN(best << " ns  " << text);
  }
}

TEST_CASE("microseconds per compilation", "[.][celrun-speed]") {
  Bench b;
  b.variable("object", val_null());
  const auto begin = std::chrono::steady_clock::now();
  constexpr int times = 200;
  for (int i = 0; i < times; ++i)
    for (const char* const text : expressions) b.compile(text);
  const double taken = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / times / std::size(expressions);
  WARN(taken << " us");
}

TEST_CASE("what runs away ends with an error, soon", "[celrun]") {
  Bench b;
  std::vector<Value> items;
  for (int i = 0; i < 1000; ++i) items.push_back(b.num(i));
  b.variable("xs", val_of(b.list(items)));
  const auto starts = [&](const std::string& text, const std::string& expected) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string result = b.text(text);
    INFO(text.substr(0, 200));
    CHECK(result.substr(0, expected.size()) == expected);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
    b.scratch.release({});
  };
  starts("xs.all(a, xs.all(b, xs.all(c, xs.all(d, a + b + c + d >= 0))))", "error: cost limit exceeded");
  starts("xs.map(a, xs.map(b, xs.map(c, c)))", "error: ");
  starts("xs.all(a, xs.all(b, xs.all(c, xs.all(d, a / 0 == b)))) || xs[0] == 0", "error: cost limit exceeded");
  starts("xs.exists(a, xs.exists(b, xs.exists(c, xs.exists(d, dyn('x') < 1))))", "error: cost limit exceeded");
  // Doubling a string 60 times.
  std::string nested = "size(x59)";
  for (int i = 59; i >= 0; --i) {
    const std::string previous = "x" + std::to_string(i - 1);
    nested = "cel.bind(x" + std::to_string(i) + ", " + (i == 0 ? "string(xs[0])" : previous + " + " + previous) + ", " + nested + ")";
  }
  starts(nested, "error: ");
  std::string lists = "size(x40)";
  for (int i = 40; i >= 0; --i) {
    const std::string previous = "x" + std::to_string(i - 1);
    lists = "cel.bind(x" + std::to_string(i) + ", " + (i == 0 ? "xs" : previous + " + " + previous) + ", " + lists + ")";
  }
  starts(lists, "error: ");
  // Constants only: computed when planned, within the same bounds.
  std::string folded = "size(x59)";
  for (int i = 59; i >= 0; --i) {
    const std::string previous = "x" + std::to_string(i - 1);
    folded = "cel.bind(x" + std::to_string(i) + ", " + (i == 0 ? "'ab'" : previous + " + " + previous) + ", " + folded + ")";
  }
  starts(folded, "error: ");
}

TEST_CASE("scratch memory is bounded", "[celrun]") {
  Scratch small(4096);
  Frame frame;
  frame.scratch = &small;
  CHECK(make_string(frame, std::string(5000, 'x')).is_error());
  CHECK(make_string(frame, std::string(1000, 'x')).is(ValKind::string));
  const Scratch::Mark mark = small.mark();
  const std::size_t used = small.used();
  CHECK(make_string(frame, std::string(2000, 'x')).is(ValKind::string));
  CHECK(make_string(frame, std::string(2000, 'x')).is_error());
  small.release(mark);
  CHECK(small.used() == used);
  CHECK(make_string(frame, std::string(2000, 'x')).is(ValKind::string));
}
