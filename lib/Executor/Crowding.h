//===- Crowding.h - When other programs want the cores, too ---*- C++ -*-===//
//
// OpenMP's threads spin where they wait for each other. If other programs keep
// the cores busy, a team waits whole time slices for its descheduled members,
// and a network takes a hundred times longer than on one thread. So: when the
// system takes cores away again and again, commands run on one thread for a
// while. Values do not depend on the number of threads, so this shows in time
// alone.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_CROWDING_H
#define HYBRIDC_LIB_EXECUTOR_CROWDING_H

#include <algorithm>
#include <chrono>
#include <omp.h>
#include <sys/resource.h>

namespace hybridc::exec {

class Crowding {
public:
  explicit Crowding(bool watch) : watch(watch) {}

  /// Around a run.
  void begin() {
    if (!watch)
      return;
    levels = omp_get_max_active_levels();
    if (serial)
      omp_set_max_active_levels(0);
    last = Clock::now();
    seen = switches();
  }
  void end() {
    if (watch)
      omp_set_max_active_levels(levels);
  }

  /// Between commands.
  void check() {
    if (!watch)
      return;
    Clock::time_point now = Clock::now();
    auto elapsed = now - last;
    if (elapsed < std::chrono::milliseconds(2))
      return;
    long count = switches();
    if (serial) {
      if (now >= until) {
        serial = false;
        omp_set_max_active_levels(levels);
      }
    } else if (count - seen >= 2 &&
               (count - seen) * std::chrono::milliseconds(8) >= elapsed) {
      serial = true;
      omp_set_max_active_levels(0);
      pause = std::min(pause * 2, Clock::duration(std::chrono::seconds(2)));
      until = now + pause;
    } else {
      pause = std::max(pause / 2, Clock::duration(kShortest));
    }
    last = now;
    seen = count;
  }

private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kShortest{20};

  /// How often a core was taken from one of this process' threads.
  static long switches() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
  }

  bool watch, serial = false;
  int levels = 1;
  long seen = 0;
  Clock::time_point last, until;
  Clock::duration pause = kShortest;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_CROWDING_H
