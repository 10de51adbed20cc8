#include <exception>
#include <iostream>
#include <new>

#include "cli/commands.hpp"

int main(int count, char** arguments) {
  // Whatever throws here is a mistake of the program or of the machine, and must not pass for a verdict.
  try {
    return assay::run_command({arguments + 1, arguments + count});
  } catch (const std::bad_alloc&) {
    std::cerr << "assay: out of memory: audit fewer files at once, or lower `--jobs` and `--max-bytes`\n";
  } catch (const std::exception& error) {
    std::cerr << "assay: internal error: " << error.what() << "\n";
  }
  return assay::unfinished;
}
