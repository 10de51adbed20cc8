#include "engine/diagnostic.hpp"
#include "tests/reports/support.hpp"

using namespace assay;

namespace {

std::string without_colours(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\x1b')
      plain += text[i];
    else
      i = text.find('m', i);
  }
  return plain;
}

void check_width(const std::string& text, std::size_t width) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (display_width(line) > width) FAIL_CHECK("wider than " << width << ": " << line);
}

}  // namespace

TEST_CASE("the terminal report reads as reviewed", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  sample::check_golden("sample.txt", sample::written("terminal", sample.report));
  WriteOptions verbose;
  verbose.verbose = true;
  sample::check_golden("sample-verbose.txt", sample::written("terminal", sample.report, verbose));
}

TEST_CASE("a clean audit says so, what it covered, and no more", "[reports]") {
  sample::Sample sample;
  sample::make_clean(sample);
  CHECK(sample::written("terminal", sample.report) ==
        "0 findings\n1 rule judged 1 of 1 resource in 1 file: 1 pass, 0 fail, 0 unknown; coverage\n100%\n");
}

TEST_CASE("two hundred findings stay readable", "[reports]") {
  sample::Sample sample;
  sample::make_many(sample, 200);
  const std::string text = sample::written("terminal", sample.report);
  sample::check_golden("many.txt", text);
  CHECK(std::count(text.begin(), text.end(), '\n') < 200 * 4);
}

TEST_CASE("no line is wider than the terminal, and nothing on it acts", "[reports]") {
  sample::Sample one, many;
  sample::make(one);
  sample::make_many(many, 300);
  for (const Report* report : {&one.report, &many.report}) {
    for (int width = 40; width <= 160; width += 7) {
      WriteOptions options;
      options.width = width;
      for (const bool verbose : {false, true}) {
        options.verbose = verbose;
        const std::string text = sample::written("terminal", *report, options);
        check_width(text, static_cast<std::size_t>(width));
        CHECK(sample::inert_text(text));
      }
    }
  }
}

TEST_CASE("colours change nothing but colour", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  WriteOptions colour;
  colour.colour = true;
  const std::string text = sample::written("terminal", sample.report, colour);
  CHECK(text.find('\x1b') != text.npos);
  CHECK(without_colours(text) == sample::written("terminal", sample.report));
}

TEST_CASE("secrets are not shown by any report", "[reports]") {
  sample::Sample sample;
  sample::make(sample);
  sample.report.redacted = {sample.report.findings[0].location};
  for (const Format& format : formats) {
    INFO(format.name);
    const std::string text = sample::written(format.name, sample.report);
    CHECK(text.find("            privileged: true") == text.npos);
  }
}
