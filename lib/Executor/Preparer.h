//===- Preparer.h - From commands to kernels with operands ------*- C++ -*-===//
//
// Finds where each operand lies, prepares a kernel for each command (one for
// all that differ in nothing else), and decides the order of what can be
// decided beforehand.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_LIB_EXECUTOR_PREPARER_H
#define HYBRIDC_LIB_EXECUTOR_PREPARER_H

#include "Arrays.h"
#include "Interpreter.h"
#include "Memory.h"
#include "hybridc/Kernels/Common.h"

#include <string>
#include <unordered_map>

namespace hybridc::exec {

class Preparer {
public:
  /// All of these outlive the Preparer; `options` what it prepares, too.
  Preparer(const stream::Program &program, const ExecOptions &options,
           unsigned threads, const Memory &memory, Arrays &arrays)
      : program(program), options(options), threads(threads), memory(memory),
        arrays(arrays) {}

  /// The body of an entry.
  Result<PreparedBlock> prepareBody(const stream::Block &body);
  /// What the largest of the kernels prepared so far needs.
  size_t scratchBytes() const { return mostScratch; }

private:
  Result<PreparedBlock> prepareBlock(const stream::Block &block);
  Result<PreparedSegment> prepareSegment(const stream::Segment &segment);
  Result<PreparedTrace> prepareTrace(const std::vector<Command> &trace);
  Result<PreparedIf> prepareIf(const stream::If &branch);
  Result<PreparedLoop> prepareLoop(const stream::Loop &loop);
  Status prepareItems(const std::vector<stream::Item> &items,
                      PreparedQueue &queue);
  Result<PreparedCommand> prepareCommand(const Command &command);
  Result<Operand> operand(const View &view, bool write) const;

  const stream::Program &program;
  const ExecOptions &options;
  unsigned threads;
  const Memory &memory;
  Arrays &arrays;
  const stream::Block *entryBody = nullptr;
  std::unordered_map<std::string, std::shared_ptr<Kernel>> kernels;
  std::vector<uint64_t> trips; ///< of the loops around
  uint64_t numCommands = 0;
  size_t mostScratch = 64;
};

} // namespace hybridc::exec

#endif // HYBRIDC_LIB_EXECUTOR_PREPARER_H
