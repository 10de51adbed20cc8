// Runs some commands in turn (A B A B ...), after a warm-up that is not counted, and prints for each
// the medians of its wall and processor time and the highest peak of its memory:
//   measure ROUNDS NAME COMMAND [NAME COMMAND ...]   ->   NAME<tab>WALL_MS<tab>CPU_MS<tab>PEAK_KB
// Interleaved, because a machine that is shared drifts: what slows one slows the other, and the ratio stays.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Subject {
  std::string name, command;
  std::vector<double> wall, cpu;  // milliseconds
  long peak = 0;                  // KiB
};

double milliseconds(const timeval& time) { return time.tv_sec * 1e3 + time.tv_usec / 1e3; }

double median(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  const std::size_t half = samples.size() / 2;
  return samples.size() % 2 != 0 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
}

bool run(Subject& subject, bool counted) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    const int nowhere = open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
    execl("/bin/sh", "sh", "-c", subject.command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child) return false;
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  // 1: it ran and found something, as scanners say.
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
    std::fprintf(stderr, "bench: `%s` did not run to its end (status %d)\n", subject.command.c_str(), status);
    return false;
  }
  if (!counted) return true;
  subject.wall.push_back(wall.count());
  subject.cpu.push_back(milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
  subject.peak = std::max(subject.peak, usage.ru_maxrss);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4 || count % 2 != 0) {
    std::fprintf(stderr, "usage: measure ROUNDS NAME COMMAND [NAME COMMAND ...]\n");
    return 2;
  }
  const int rounds = std::max(1, std::atoi(arguments[1]));
  std::vector<Subject> subjects;
  for (int i = 2; i < count; i += 2) subjects.push_back({arguments[i], arguments[i + 1], {}, {}, 0});
  for (int round = 0; round <= rounds; ++round) {
    for (Subject& subject : subjects) {
      if (!run(subject, round != 0)) return 1;
    }
  }
  for (const Subject& subject : subjects) {
    std::printf("%s\t%.2f\t%.2f\t%ld\n", subject.name.c_str(), median(subject.wall), median(subject.cpu), subject.peak);
  }
}
