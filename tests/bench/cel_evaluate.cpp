// Times our evaluation on the expressions of a file of cases, the median of small batches: cel_evaluate CASES MILLISECONDS
//   -> NANOSECONDS<tab>ALLOCATIONS<tab>SCRATCH BYTES<tab>RESULT<tab>EXPRESSION, a line an expression.
// Allocations are calls of malloc in all timed evaluations after the first; scratch bytes what one builds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "engine/cel/environments.hpp"
#include "engine/cel/program.hpp"
#include "parsers/json/json.hpp"

extern "C" {
void* __libc_malloc(std::size_t size);
static std::size_t allocations = 0;
void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
}

int main(int argc, char** argv) {
  using namespace assay;
  if (argc != 3) return 2;
  std::ostringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  Sources sources;
  Diagnostics diagnostics;
  const ParsedFile file = json::parse(sources.add(argv[1], text.str()), {}, diagnostics);
  if (file.documents.empty()) return 2;
  const Value cases = file.documents[0].root;

  auto types = std::make_shared<cel::TypeTable>();
  cel::Environment environment = cel::everything(types);
  environment.add_variable("object", types->dyn());
  const cel::Val slots[] = {cel::val_of(cases.find("object"))};
  const std::chrono::milliseconds budget(std::atoi(argv[2]));
  for (const Value expression : cases.find("expressions").items()) {
    std::vector<cel::Issue> issues;
    const auto program = cel::compile(expression.as_string(), environment, issues);
    if (!program) {
      std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(expression.as_string().size()), expression.as_string().data(), issues[0].message.c_str());
      return 1;
    }
    cel::Scratch scratch;
    const cel::Scratch::Mark mark = scratch.mark();
    const auto evaluate = [&] {
      scratch.release(mark);
      cel::Frame frame;
      frame.slots = slots;
      frame.scratch = &scratch;
      return cel::evaluate(*program, frame);
    };
    const std::string result = cel::plain_text(evaluate());
    const std::size_t built = scratch.used();
    using Clock = std::chrono::steady_clock;
    std::vector<double> samples;
    samples.reserve(1'000'000);
    const std::size_t before = allocations;
    for (const auto end = Clock::now() + budget; samples.empty() || Clock::now() < end;) {
      constexpr int step = 256;
      const auto begin = Clock::now();
      for (int i = 0; i < step; ++i) evaluate();
      samples.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / step);
    }
    const std::size_t allocated = allocations - before;
    std::sort(samples.begin(), samples.end());
    std::printf("%.1f\t%zu\t%zu\t%s\t%.*s\n", samples[samples.size() / 2], allocated, built, result.c_str(),
                static_cast<int>(expression.as_string().size()), expression.as_string().data());
  }
}
