//===- stream_fuzz.cpp - Damaged command streams --------------------------===//
//
//   hybridc-stream-fuzz [--mutations N] [--seconds N] [--seed S] [--only I]
//                       [--run on|off] [--keep DAMAGED.hyb] [FILE.hyb]…
//
// Damages each file (without a file: the sample programs of the unit tests) N
// times and reads, verifies, checks, prints and runs what is left. Half of the
// damage is done to bytes, half to single fields of the program, which gets
// past the reader. Each must be refused with an error or run cleanly; a crash
// or a hang names the mutation, --only repeats it, --keep writes it to a file.
// Mutation I of seed S is always the same. --seconds goes on with the next
// seeds until then.
//
//===----------------------------------------------------------------------===//
#include "Fields.h"
#include "Sample.h"

#include "hybridc/Stream/Disassemble.h"
#include "hybridc/Stream/Hazards.h"
#include "hybridc/Stream/Serialize.h"
#include "hybridc/Stream/Verify.h"

#ifdef HYBRIDC_FUZZ_RUN
#include "hybridc/Executor/Executor.h"
#endif

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <unistd.h>

#include <fmt/format.h>

using namespace hybridc;
using namespace hybridc::stream;
using namespace hybridc::stream::fuzz;

namespace {

/// A mutation that takes longer has hung.
constexpr unsigned kSecondsEach = 20;
/// Memory that a mutation may make a run allocate.
constexpr uint64_t kMaxRunBytes = uint64_t(256) << 20;

/// Where we are, for the signal handler.
char place[512];

void onSignal(int number) {
  const char *what = number == SIGALRM ? "HANG: " : "CRASH: ";
  (void)!write(2, what, std::strlen(what));
  (void)!write(2, place, std::strlen(place));
  _exit(1);
}

struct Options {
  uint64_t mutations = 2000, seed = 1, seconds = 0;
  int64_t only = -1;
  bool run = true;
  std::string keep;
  std::vector<std::string> files;
};

struct Counts {
  uint64_t unread = 0, unverified = 0, hazards = 0, refused = 0, ran = 0,
           tooLarge = 0;
};

using Bytes = std::vector<std::byte>;

void damageBytes(Bytes &bytes, Random &random) {
  // Weights can be anything: damage mostly what comes before them.
  uint64_t table = 0;
  std::memcpy(&table, &bytes[16], sizeof(table));
  size_t head = std::min<size_t>(64 + table, bytes.size());
  auto anywhere = [&] {
    return random() %
           std::min(random() % 8 != 0 ? head : bytes.size(), bytes.size());
  };
  for (uint64_t times = 1 + random() % 4; times > 0 && !bytes.empty(); --times)
    switch (random() % 5) {
    case 0:
      bytes[anywhere()] ^= std::byte(1u << (random() % 8));
      break;
    case 1:
      bytes[anywhere()] = std::byte(random());
      break;
    case 2: { // a whole number
      size_t width = size_t(1) << (random() % 4);
      size_t at = anywhere() / width * width;
      if (at + width > bytes.size())
        break;
      uint64_t now = 0;
      std::memcpy(&now, &bytes[at], width);
      now = interesting(now, random);
      std::memcpy(&bytes[at], &now, width);
      break;
    }
    case 3: { // a part over another
      size_t from = anywhere(), to = anywhere();
      size_t size = std::min(
          {size_t(random() % 64), bytes.size() - from, bytes.size() - to});
      std::memmove(&bytes[to], &bytes[from], size);
      break;
    }
    default:
      bytes.resize(random() % 8 == 0 ? anywhere() : bytes.size());
    }
}

#ifdef HYBRIDC_FUZZ_RUN
bool isSmall(const Program &program) {
  uint64_t bytes = program.sramBytes;
  for (const DramSegment &segment : program.segments)
    if (segment.kind != SegmentKind::Constant)
      bytes += segment.bytes;
  for (const ArrayTile &tile : program.arrays)
    bytes += uint64_t(tile.rows) * tile.cols * tile.slices * 96;
  return bytes <= kMaxRunBytes;
}

bool runs(const Program &program) {
  exec::ExecOptions options;
  options.threads = 1;
  options.age_s = 600; // so that what a program does with age is done, too
  options.maxCommands = 100'000;
  options.maxWork = 1e8;
  auto executor = exec::Executor::create(program, options);
  if (!executor)
    return false;
  bool fine = true;
  for (const Entry &entry : program.entries) {
    fine &= bool((*executor)->run(entry.name));
    for (const Binding &output : entry.outputs)
      fine &= bool((*executor)->output(output.name, entry.name));
  }
  return fine;
}
#endif

void judge(const Bytes &bytes, const Options &options, Counts &counts) {
  auto program = readProgramBytes(bytes.data(), bytes.size());
  if (!program) {
    ++counts.unread;
    return;
  }
  // Readable, if not sensible: both must cope.
  (void)disassemble(*program).size();
  auto again = writeProgramBytes(*program);
  if (!again) {
    fmt::print(stderr, "what was read cannot be written: {}\n{}",
               again.error().message, place);
    std::exit(1);
  }
  auto reread = readProgramBytes(again->data(), again->size());
  if (!reread || *writeProgramBytes(*reread) != *again) {
    fmt::print(stderr, "what was written reads back differently\n{}", place);
    std::exit(1);
  }
  if (!verifyProgram(*program)) {
    ++counts.unverified;
    // Nothing else may rely on it having been called.
    if (checkHazards(*program)) {
      fmt::print(stderr, "checkHazards accepts what verifyProgram refuses\n{}",
                 place);
      std::exit(1);
    }
    return;
  }
  if (!checkHazards(*program))
    ++counts.hazards;
#ifdef HYBRIDC_FUZZ_RUN
  if (options.run) {
    if (!isSmall(*program))
      ++counts.tooLarge;
    else if (runs(*program))
      ++counts.ran;
    else
      ++counts.refused;
  }
#else
  (void)options;
#endif
}

void fuzzFile(const std::string &name, const Bytes &whole,
              const Options &options, Counts &counts) {
  auto original = readProgramBytes(whole.data(), whole.size(), name);
  if (!original) {
    fmt::print(stderr, "{}\n", original.error().message);
    std::exit(3);
  }
  for (uint64_t i = 0; i < options.mutations; ++i) {
    if (options.only >= 0 && i != static_cast<uint64_t>(options.only))
      continue;
    std::snprintf(place, sizeof(place),
                  "%s: mutation %llu; repeat with --seed %llu --only %llu\n",
                  name.c_str(), static_cast<unsigned long long>(i),
                  static_cast<unsigned long long>(options.seed),
                  static_cast<unsigned long long>(i));
    alarm(kSecondsEach);
    Random random(options.seed * 0x9e3779b97f4a7c15u + i);
    Bytes bytes = whole;
    if (i % 2 == 0) {
      damageBytes(bytes, random);
    } else {
      Program program = *original;
      for (uint64_t times = 1 + random() % 2; times > 0; --times) {
        std::vector<Change> changes = changesOf(program);
        changes[random() % changes.size()](random);
      }
      auto written = writeProgramBytes(program);
      if (!written)
        continue;
      bytes = std::move(*written);
    }
    if (!options.keep.empty())
      std::ofstream(options.keep, std::ios::binary)
          .write(reinterpret_cast<const char *>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    judge(bytes, options, counts);
    alarm(0);
  }
}

[[noreturn]] void usage() {
  fmt::print(stderr, "usage: hybridc-stream-fuzz [--mutations N] [--seconds N] "
                     "[--seed S] [--only I] [--run on|off] "
                     "[--keep DAMAGED.hyb] [FILE.hyb]...\n");
  std::exit(2);
}

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string arg = argv[i];
    if (!arg.starts_with("--")) {
      options.files.push_back(arg);
      continue;
    }
    if (i + 1 == argc)
      usage();
    std::string value = argv[++i];
    if (arg == "--mutations")
      options.mutations = std::strtoull(value.c_str(), nullptr, 10);
    else if (arg == "--seconds")
      options.seconds = std::strtoull(value.c_str(), nullptr, 10);
    else if (arg == "--seed")
      options.seed = std::strtoull(value.c_str(), nullptr, 10);
    else if (arg == "--only")
      options.only = std::strtoll(value.c_str(), nullptr, 10);
    else if (arg == "--keep")
      options.keep = value;
    else if (arg == "--run" && (value == "on" || value == "off"))
      options.run = value == "on";
    else
      usage();
  }
  return options;
}

} // namespace

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM})
    std::signal(number, onSignal);
  Counts counts;
  std::vector<std::pair<std::string, Bytes>> whole;
  if (options.files.empty())
    for (const Program &program :
         {sample::pipeline(), sample::analog(), sample::recalibrated(),
          sample::training(), sample::control()})
      whole.emplace_back("sample", *writeProgramBytes(program));
  for (const std::string &file : options.files) {
    auto program = readProgram(file);
    if (!program) {
      fmt::print(stderr, "error: {}\n", program.error().message);
      return 3;
    }
    whole.emplace_back(file, *writeProgramBytes(*program));
  }
  auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  do {
    for (const auto &[name, bytes] : whole)
      fuzzFile(name, bytes, options, counts);
    ++options.seed;
  } while (std::chrono::steady_clock::now() < until);
  fmt::print("refused by the reader {}, by the verifier {}, by the executor "
             "{}; ran {}; too large to run {}; with hazards {}\n",
             counts.unread, counts.unverified, counts.refused, counts.ran,
             counts.tooLarge, counts.hazards);
  return 0;
}
