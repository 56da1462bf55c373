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
#include "hybridc/Stream/Verify.h"
#include "hybridc/Support/Npz.h"
#include "hybridc/Support/OutputFile.h"
#include "hybridc/Support/Process.h"
#include "hybridc/Support/Version.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace hybridc;

namespace {

struct Args {
  std::string program, inputs, outputs, entry = "infer", age = "0s";
  std::string noise = "on", values = "on", compensate = "global";
  std::string faults;
  uint64_t seed = 0;
  unsigned threads = 0, repeat = 1;
  bool disassemble = false, profile = false;
};

int fail(const Error &error) {
  fmt::print(stderr, "error: {}\n", error.message);
  return static_cast<int>(error.code);
}

/// "20s", "1h", "1d", "1y" → seconds.
Result<double> parseAge(const std::string &text) {
  size_t end = 0;
  double value = 0;
  try {
    value = std::stod(text, &end);
  } catch (const std::exception &) {
    value = -1;
  }
  std::string unit = text.substr(std::min(end, text.size()));
  double scale = unit == "s" || unit.empty() ? 1
                 : unit == "m"               ? 60
                 : unit == "h"               ? 3600
                 : unit == "d"               ? 86400
                 : unit == "y"               ? 31536000
                                             : -1;
  if (!(value >= 0) || !std::isfinite(value) || scale < 0)
    return Error{ExitCode::Usage,
                 fmt::format("--age {}: expected a time such as 20s, 1h, 1d or "
                             "1y",
                             text)};
  return value * scale;
}

bool matches(const NpyArray &array, stream::DType type) {
  std::string_view name = stream::nameOf(type);
  char kind = type == stream::DType::Bool ? 'b' : name[0];
  // NumPy has no bf16: its bits travel as u2.
  if (type == stream::DType::BF16)
    return array.kind == 'u' && array.itemBytes == 2;
  return array.kind == kind && array.itemBytes == stream::sizeOf(type);
}

Status setInputs(exec::Executor &executor, const Args &args) {
  if (args.inputs.empty())
    return {};
  Result<std::vector<NpyArray>> arrays = readNpz(args.inputs);
  if (!arrays)
    return arrays.error();
  const std::vector<stream::Binding> &bindings = *executor.inputs(args.entry);
  for (const NpyArray &array : *arrays) {
    exec::Tensor tensor;
    for (const stream::Binding &binding : bindings)
      if (binding.name == array.name) {
        tensor.type = binding.view.type;
        if (!matches(array, tensor.type))
          return invalidInput(
              fmt::format("{}: '{}' holds {}{}, the program takes {}",
                          args.inputs, array.name, array.kind,
                          array.itemBytes * 8, stream::nameOf(tensor.type)));
      }
    tensor.shape = array.shape;
    tensor.bytes = array.bytes;
    if (Status s = executor.setInput(array.name, tensor, args.entry); !s)
      return s;
  }
  for (const stream::Binding &binding : bindings)
    if (std::none_of(arrays->begin(), arrays->end(),
                     [&](const NpyArray &a) { return a.name == binding.name; }))
      return invalidInput(fmt::format("{}: there is no array for input '{}'",
                                      args.inputs, binding.name));
  return {};
}

Status writeOutputs(const exec::Executor &executor, const Args &args) {
  std::vector<NpyArray> arrays;
  if (Status s = checkInputFiles(); !s)
    return s;
  for (const stream::Binding &binding : *executor.outputs(args.entry)) {
    Result<exec::Tensor> tensor = executor.output(binding.name, args.entry);
    if (!tensor)
      return tensor.error();
    fmt::print("{}: [{}] {}\n", binding.name, fmt::join(tensor->shape, ", "),
               stream::nameOf(tensor->type));
    NpyArray array;
    array.name = binding.name;
    array.kind = tensor->type == stream::DType::Bool ? 'b'
                 : tensor->type == stream::DType::BF16
                     ? 'u'
                     : stream::nameOf(tensor->type)[0];
    array.itemBytes = stream::sizeOf(tensor->type);
    array.shape = tensor->shape;
    array.bytes = std::move(tensor->bytes);
    arrays.push_back(std::move(array));
  }
  return args.outputs.empty() ? Status() : writeNpz(args.outputs, arrays);
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

void printProfile(const exec::Executor &executor,
                  const stream::Program &program) {
  std::vector<exec::OriginTime> times = executor.profile();
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

int run(const Args &args) {
  exec::ExecOptions options;
  options.threads = args.threads;
  options.noise = args.noise == "on";
  options.seed = args.seed;
  options.profile = args.profile;
  if (!args.faults.empty())
    options.faults = args.faults;
  options.compensate = args.compensate == "none"     ? exec::Compensate::None
                       : args.compensate == "column" ? exec::Compensate::Column
                                                     : exec::Compensate::Global;
  Result<double> age = parseAge(args.age);
  if (!age)
    return fail(age.error());
  options.age_s = *age;
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
  if (!program->findEntry(args.entry))
    return fail(invalidInput(
        fmt::format("{}: there is no entry '{}'", args.program, args.entry)));
  if (args.values == "off") {
    Status status = runClockOnly(*program, args);
    return status ? 0 : fail(status.error());
  }
  Result<std::unique_ptr<exec::Executor>> executor =
      exec::Executor::create(*program, options);
  if (!executor)
    return fail(executor.error());
  for (unsigned i = 0; i < std::max(1u, args.repeat); ++i) {
    if (Status s = checkInputFiles(); !s)
      return fail(s.error());
    // Inputs may share their bytes with later values, so they are set anew.
    if (Status s = setInputs(**executor, args); !s)
      return fail(s.error());
    auto start = std::chrono::steady_clock::now();
    if (Status s = (*executor)->run(args.entry); !s)
      return fail(s.error());
    if (args.repeat > 1)
      fmt::print(stderr, "run {}: {:.3f} ms\n", i,
                 std::chrono::duration<double, std::milli>(
                     std::chrono::steady_clock::now() - start)
                     .count());
  }
  if (args.profile)
    printProfile(**executor, *program);
  Status status = writeOutputs(**executor, args);
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
  app.add_option("--inputs", args.inputs, "inputs, a .npz file");
  app.add_option("--outputs", args.outputs, "where outputs go, a .npz file");
  app.add_option("--entry", args.entry, "what to run")->capture_default_str();
  app.add_option("--values", args.values,
                 "on: compute; off: cycles and energy alone")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--noise", args.noise, "device physics of the arrays")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  app.add_option("--seed", args.seed, "of the noise")->capture_default_str();
  app.add_option("--age", args.age, "time since programming: 20s, 1h, 1d, 1y")
      ->capture_default_str();
  app.add_option("--faults", args.faults,
                 "what is broken: a fault map, rates or none; default: what "
                 "the program was compiled for");
  app.add_option("--compensate", args.compensate, "correction of drift")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "global", "column"}));
  app.add_option("--threads", args.threads, "0: as many as there are cores")
      ->capture_default_str();
  app.add_option("--repeat", args.repeat, "times to run it")
      ->capture_default_str();
  app.add_flag("--profile", args.profile, "wall time by node, on stderr");
  app.add_flag("--disassemble", args.disassemble,
               "print the commands and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
  }
  return run(args);
}
