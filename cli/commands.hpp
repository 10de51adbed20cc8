// The commands of the program. A new one is one file and one line here.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Exit statuses, the same for every command.
enum Status : int { fine = 0, found = 1, misused = 2, unfinished = 3 };

using Arguments = std::vector<std::string>;
int check_command(const Arguments& arguments);
int explain_command(const Arguments& arguments);
int reach_command(const Arguments& arguments);
int rules_command(const Arguments& arguments);
int eval_command(const Arguments& arguments);

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments& arguments);
};

inline constexpr std::array commands = {
    Command{"check", "audit files and directories", check_command},
    Command{"reach", "who can talk to whom, on which port, and what a change opens", reach_command},
    Command{"explain", "what a rule asks for, why, and how to meet it", explain_command},
    Command{"rules", "list the rules, or run their examples as tests", rules_command},
    Command{"eval", "evaluate an expression on the objects of a file", eval_command},
};

int run_command(const Arguments& arguments);

}  // namespace assay
