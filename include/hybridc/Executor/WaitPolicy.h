//===- WaitPolicy.h - How long idle threads spin --------------*- C++ -*-===//
#ifndef HYBRIDC_EXECUTOR_WAITPOLICY_H
#define HYBRIDC_EXECUTOR_WAITPOLICY_H

namespace hybridc::exec {

/// Threads that wait at the end of a parallel region spin for a while before
/// they sleep. GNU's OpenMP runtime spins for some milliseconds, hundreds of
/// times longer than the gaps between commands; where other programs need the
/// cores, spinning threads then keep the very thread from running that they
/// wait for, and a run takes ten times as long or more. The runtime reads its
/// settings when it is loaded, so this starts the program `argv` once more with
/// a shorter wait. Returns, having done nothing, when the environment already
/// says how to wait (GOMP_SPINCOUNT, OMP_WAIT_POLICY) or when that fails. To be
/// called before anything is written or computed.
void restartWithShortWaits(char **argv);

} // namespace hybridc::exec

#endif // HYBRIDC_EXECUTOR_WAITPOLICY_H
