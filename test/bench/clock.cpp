// How fast the clock alone is: hybridc-bench-clock FILE.hyb [SECONDS] runs
// entry "infer" again and again on one core and prints, as JSON, the commands
// of one run and the time of the fastest.
#include "hybridc/Clock/Clock.h"
#include "hybridc/Chip/Chip.h"
#include "hybridc/Stream/Serialize.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

using namespace hybridc;

static int fail(const Error &error) {
  std::fprintf(stderr, "hybridc-bench-clock: error: %s\n",
               error.message.c_str());
  return static_cast<int>(error.code);
}

int main(int argc, char **argv) {
  if (argc < 2)
    return fail({ExitCode::Usage, "which program?"});
  auto program = stream::readProgram(argv[1]);
  if (!program)
    return fail(program.error());
  auto chip = chip::parseChip(program->chipYaml, program->target);
  if (!chip)
    return fail(chip.error());
  double limit_s = argc > 2 ? std::atof(argv[2]) : 1;
  using Time = std::chrono::steady_clock;
  double best_s = std::numeric_limits<double>::infinity(), all_s = 0;
  uint64_t commands = 0;
  while (all_s < limit_s) {
    auto begin = Time::now();
    auto result = exec::runClock(*program, *chip);
    double took_s = std::chrono::duration<double>(Time::now() - begin).count();
    if (!result)
      return fail(result.error());
    commands = result->commands;
    best_s = std::min(best_s, took_s);
    all_s += took_s;
  }
  std::printf("{\"commands\": %llu, \"seconds\": %.9f}\n",
              static_cast<unsigned long long>(commands), best_s);
  return 0;
}
