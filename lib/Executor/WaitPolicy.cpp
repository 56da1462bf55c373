#include "hybridc/Executor/WaitPolicy.h"

#include <cstdlib>
#include <unistd.h>

// Some tenths of a millisecond: longer than the gaps between commands.
static constexpr const char *kSpins = "5000";

void hybridc::exec::restartWithShortWaits(char **argv) {
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY") ||
      setenv("GOMP_SPINCOUNT", kSpins, 1) != 0)
    return;
  char path[4096]; // its own name, or it would be listed as "exe"
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0)
    return;
  path[length] = 0;
  execv(path, argv);
}
