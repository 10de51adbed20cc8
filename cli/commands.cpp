#include "cli/commands.hpp"

#include <iostream>

#include "engine/diagnostic.hpp"

namespace assay {

namespace {

void usage(std::ostream& out) {
  out << "assay audits what a system is against what it promised.\n\n"
         "usage: assay COMMAND [OPTIONS]\n\ncommands:\n";
  for (const Command& command : commands)
    out << "  " << command.name << std::string(10 - command.name.size(), ' ') << command.summary << "\n";
  out << "\n`assay COMMAND --help` tells more; `assay --version` shows the version.\n"
         "Most often: `assay check DIRECTORY`\n";
}

}  // namespace

int run_command(const Arguments& arguments) {
  if (arguments.empty()) {
    usage(std::cerr);
    return misused;
  }
  const std::string& name = arguments[0];
  if (name == "--help" || name == "-h" || name == "help") {
    if (arguments.size() > 1) return run_command({arguments[1], "--help"});
    usage(std::cout);
    return fine;
  }
  if (name == "--version") {
    std::cout << "assay " << ASSAY_VERSION << "\n";
    return fine;
  }
  for (const Command& command : commands)
    if (command.name == name) return command.run({arguments.begin() + 1, arguments.end()});
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  std::cerr << "assay: there is no command `" << inert(name) << "`";
  if (const std::string_view near = nearest(name, names); !near.empty()) std::cerr << "; did you mean `" << near << "`?\n";
  else std::cerr << "; `assay --help` lists them\n";
  return misused;
}

}  // namespace assay
