#include "hybridc/Executor/WaitPolicy.h"

#include <cstdlib>
#include <unistd.h>

// Some tenths of a millisecond: longer than the gaps between commands.
static constexpr const char *kSpins = "5000";

void hybridc::exec::restartWithShortWaits(char **argv) {
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY") ||
      setenv("GOMP_SPINCOUNT", kSpins, 1) != 0)
    return;
  execv("/proc/self/exe", argv);
}
