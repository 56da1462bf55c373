//===- NamedPipelines.cpp - The phases under names of their own -----------===//
#include "hybridc/InitAll/Phases.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace hybridc;

namespace {
/// PhaseOptions as text.
struct TextOptions : PassPipelineOptions<TextOptions> {
  Option<std::string> target{
      *this, "target", llvm::cl::desc("chip: a preset's name or a YAML file"),
      llvm::cl::init("hybrid-edge")};
  Option<std::string> precision{
      *this, "precision",
      llvm::cl::desc("auto, exact, fp32, bf16, int8 or analog"),
      llvm::cl::init("auto")};
  Option<std::string> objective{
      *this, "objective", llvm::cl::desc("latency, throughput, energy or edp"),
      llvm::cl::init("latency")};
  ListOption<std::string> place{*this, "place",
                                llvm::cl::desc("NODE=ENGINE, …")};
  ListOption<std::string> format{*this, "format",
                                 llvm::cl::desc("NODE=FORMAT, …")};
  Option<std::string> faults{
      *this, "faults",
      llvm::cl::desc("what is broken: a fault map, rates, none"),
      llvm::cl::init("")};
  Option<bool> noFuse{*this, "no-fuse",
                      llvm::cl::desc("one op a group, maps unmerged"),
                      llvm::cl::init(false)};
  Option<bool> noReuse{*this, "no-reuse",
                       llvm::cl::desc("give each buffer bytes of its own"),
                       llvm::cl::init(false)};

  PhaseOptions get() const {
    PhaseOptions options;
    options.target = target;
    options.precision = precision;
    options.objective = objective;
    options.faults = faults;
    options.fuse = !noFuse;
    options.reuseBuffers = !noReuse;
    auto assign = [](std::map<std::string, std::string> &to,
                     const std::string &text) {
      auto [node, value] = StringRef(text).rsplit('=');
      to[node.str()] = value.str();
    };
    for (const std::string &text : place)
      assign(options.place, text);
    for (const std::string &text : format)
      assign(options.setPrecision, text);
    return options;
  }
};
} // namespace

static void add(StringRef name, StringRef summary, Phase first, Phase last) {
  PassPipelineRegistration<TextOptions>(
      name, summary,
      [first, last](OpPassManager &passes, const TextOptions &options) {
        for (int phase = int(first); phase <= int(last); ++phase) {
          buildPhase(passes, Phase(phase), options.get());
          buildBoundary(passes, Phase(phase));
        }
      });
}

void hybridc::registerPipelines() {
  add("hyb-simplify",
      "The phase simplify: fold, clean up, until nothing changes",
      Phase::Simplify, Phase::Simplify);
  add("hyb-fuse", "The phase fuse: every op into a group", Phase::Fuse,
      Phase::Fuse);
  add("hyb-decide", "The phases partition, precision and layout",
      Phase::Partition, Phase::Layout);
  add("hyb-lower", "The phases lower, schedule, allocate and emit",
      Phase::Lower, Phase::Emit);
  add("hyb-compile", "All phases behind import", Phase::Simplify, Phase::Emit);
}
