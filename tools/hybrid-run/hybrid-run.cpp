//===- hybrid-run.cpp - The executor alone --------------------------------===//
//
// Runs a command stream: values, clock, disassembly. Links neither MLIR nor
// LLVM.
//
//===----------------------------------------------------------------------===//
#include "hybridc/Chip/Chip.h"
#include "hybridc/Clock/Clock.h"
#include "hybridc/Executor/CheckStream.h"
#include "hybridc/Executor/Executor.h"
#include "hybridc/Executor/WaitPolicy.h"
#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Disassemble.h"
#include "hybridc/Stream/Serialize.h"
#include "hybridc/Studies/RunProgram.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Process.h"
#include "hybridc/Support/Version.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace hybridc;

namespace {

struct Args {
  std::string program, inputs, outputs, entry = "infer", values = "on", faults;
  studies::RunTexts texts;
  exec::ExecOptions options;
  unsigned repeat = 1;
  bool disassemble = false;
};

int fail(const Error &error) {
  fmt::print(stderr, "error: {}\n", error.message);
  return static_cast<int>(error.code);
}

Status runClockOnly(const stream::Program &program, const Args &args) {
  Result<chip::Chip> chip = chip::parseChip(program.chipYaml, program.target);
  if (!chip)
    return chip.error();
  Result<exec::ClockResult> clock =
      exec::runClock(program, *chip, args.entry, {});
  if (!clock)
    return clock.error();
  fmt::print("cycles: {}\nlatency_ns: {:.0f}\nenergy_pj: {:.6g}\n"
             "average_power_w: {:.4g}\npeak_sram_bytes: {}\n"
             "dram_read_bytes: {:.0f}\ndram_write_bytes: {:.0f}\n",
             clock->cycles, clock->latency_ns, clock->totalEnergy_pj,
             clock->averagePower_w, clock->peakSramBytes, clock->dramReadBytes,
             clock->dramWriteBytes);
  for (const std::string &assumed : clock->assumptions)
    fmt::print(stderr, "note: {}\n", assumed);
  return {};
}

void printProfile(std::vector<exec::OriginTime> times,
                  const stream::Program &program) {
  std::stable_sort(times.begin(), times.end(),
                   [](const exec::OriginTime &a, const exec::OriginTime &b) {
                     return a.seconds > b.seconds;
                   });
  double total = 0;
  for (const exec::OriginTime &time : times)
    total += time.seconds;
  fmt::print(stderr, "{:>10} {:>6} {:>9}  {:<13} {}\n", "ms", "%", "commands",
             "command", "node");
  for (const exec::OriginTime &time : times)
    fmt::print(
        stderr, "{:>10.3f} {:>6.1f} {:>9}  {:<13} {}\n", time.seconds * 1e3,
        100 * time.seconds / total, time.commands, stream::specOf(time.op).name,
        time.origin < program.origins.size() ? program.origins[time.origin].node
                                             : std::string());
}

Status compute(const stream::Program &program, const Args &args) {
  studies::RunRequest request{.entry = args.entry,
                              .mayLackInputs = true,
                              .repeat = std::max(1u, args.repeat),
                              .options = args.options};
  if (!args.inputs.empty())
    if (Status s = io::readTensors(args.inputs, "input", request.inputs); !s)
      return s;
  Result<studies::RunOutcome> outcome = studies::runProgram(program, request);
  if (!outcome)
    return outcome.error();
  for (size_t i = 0; args.repeat > 1 && i < outcome->seconds.size(); ++i)
    fmt::print(stderr, "run {}: {:.3f} ms\n", i, outcome->seconds[i] * 1e3);
  if (args.options.profile)
    printProfile(std::move(outcome->profile), program);
  for (const io::NamedTensor &output : outcome->outputs)
    fmt::print("{}: [{}] {}\n", output.name,
               fmt::join(output.tensor.shape, ", "),
               stream::nameOf(output.tensor.type));
  return args.outputs.empty()
             ? Status()
             : io::writeTensors(args.outputs, "output", outcome->outputs);
}

int run(Args &args) {
  if (Status s = studies::readRunTexts(args.texts, args.options); !s)
    return fail(s.error());
  if (!args.faults.empty())
    args.options.faults = args.faults;
  if (Status s = checkOutputs({args.outputs}, {args.program, args.inputs}); !s)
    return fail(s.error());
  // A disassembly shows what is wrong, too.
  Result<stream::Program> program =
      args.disassemble ? stream::readProgram(args.program)
                       : exec::loadStream(args.program, /*hazards=*/true);
  if (!program)
    return fail(program.error());
  if (args.disassemble) {
    fmt::print("{}", stream::disassemble(*program));
    return 0;
  }
  if (auto entry = studies::findEntry(*program, args.entry); !entry)
    return fail(entry.error());
  Status status = args.values == "off" ? runClockOnly(*program, args)
                                       : compute(*program, args);
  return status ? 0 : fail(status.error());
}

} // namespace

int main(int argc, char **argv) {
  guardProcess("hybrid-run");
  exec::restartWithShortWaits(argv);
  Args args;
  CLI::App app("Runs a command stream.", "hybrid-run");
  app.set_version_flag("--version", std::string(version()));
  app.add_option("PROGRAM", args.program, "a .hyb file")->required();
  app.add_option("--inputs", args.inputs,
                 "inputs: a .npz file, NAME=FILE.npy or a folder with "
                 "input_0.pb …; without it, zeros");
  app.add_option(
      "--outputs", args.outputs,
      "where outputs go: a .npz file, or a folder for output_0.pb …");
  app.add_option("--entry", args.entry, "what to run")->capture_default_str();
  app.add_option("--values", args.values,
                 "on: compute; off: cycles and energy alone")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--noise", args.texts.noise, "device physics of the arrays")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--seed", args.options.seed, "of the noise")
      ->capture_default_str();
  app.add_option("--age", args.texts.age,
                 "time since programming: 20s, 1h, 1d, 1y")
      ->capture_default_str();
  app.add_option("--faults", args.faults,
                 "what is broken: a fault map, rates or none; default: what "
                 "the program was compiled for");
  app.add_option("--compensate", args.texts.compensate, "correction of drift")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "global", "column"}));
  app.add_option("--threads", args.options.threads,
                 "0: as many as there are cores")
      ->capture_default_str();
  app.add_option("--repeat", args.repeat, "times to run it")
      ->capture_default_str();
  app.add_flag("--profile", args.options.profile,
               "wall time by node, on stderr");
  app.add_flag("--disassemble", args.disassemble,
               "print the commands and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
  }
  return runGuarded("hybrid-run", [&] { return run(args); });
}
