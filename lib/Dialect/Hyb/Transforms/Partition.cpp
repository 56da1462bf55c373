//===- Partition.cpp - Decides the engine and format of each group --------===//
#include "Int8.h"

#include "hybridc/Chip/FaultMapping.h"
#include "hybridc/Dialect/Hyb/IR/Facts.h"
#include "hybridc/Dialect/Hyb/IR/Location.h"
#include "hybridc/Dialect/Hyb/IR/PhaseMark.h"
#include "hybridc/Dialect/Hyb/IR/Utils.h"
#include "hybridc/Dialect/Hyb/Transforms/Alternatives.h"
#include "hybridc/Dialect/Hyb/Transforms/Passes.h"
#include "hybridc/Dialect/Hyb/Transforms/Placement.h"
#include "hybridc/Dialect/Hyb/Transforms/PlacementRule.h"
#include "hybridc/Dialect/Refusal.h"
#include "hybridc/Support/Units.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;

namespace hybridc::hyb {
#define GEN_PASS_DEF_PARTITION
#include "hybridc/Dialect/Hyb/Transforms/Passes.h.inc"

namespace {

/// What is known and decided about one group.
struct Entry {
  GroupOp group;
  Operation *contraction = nullptr;
  std::vector<Alternative> digital; ///< the first is the policy's choice
  std::vector<Alternative> analog;  ///< one for each inference array kind
  const Alternative *forced = nullptr, *chosen = nullptr;
  std::string forcedBy;
  std::string refusal; ///< why the policy's choice is impossible
};

StringRef canonicalFormat(StringRef format) {
  return format == "fp32" ? "f32" : format == "int8" ? "i8" : format;
}

struct Partition : impl::PartitionBase<Partition> {
  using PartitionBase::PartitionBase;

  void runOnOperation() override;

private:
  LogicalResult checkOptions();
  LogicalResult describe(Entry &entry);
  LogicalResult honourGivenPlace(Entry &entry);
  LogicalResult applyOverride(StringRef text, bool isFormat);
  LogicalResult force(Entry &entry, StringRef value, bool isFormat,
                      std::string &whyNot);
  LogicalResult choose();
  double valueOf(const Alternative &alternative) const;
  std::string reasonOf(const Entry &entry) const;
  void annotate(Entry &entry);

  InFlightDiagnostic fail(ExitCode code) {
    return refuse(getOperation(), code);
  }

  chip::Chip chip;
  /// For inference; with the extents that tiles can count on.
  std::vector<chip::ArrayKind> kinds;
  std::vector<chip::WorkingArrays> working; ///< of each kind
  std::vector<Entry> entries;
};

LogicalResult Partition::checkOptions() {
  Result<chip::Chip> loaded = chip::loadChip(target);
  if (!loaded)
    return fail(loaded.error().code) << loaded.error().message;
  chip = std::move(*loaded);
  Result<chip::Faults> broken = chip::loadFaults(faults, chip);
  if (!broken)
    return fail(broken.error().code) << broken.error().message;
  if (!llvm::is_contained({"auto", "exact", "fp32", "bf16", "int8", "analog"},
                          StringRef(precision)))
    return fail(ExitCode::Usage)
           << "precision '" << precision
           << "' is none of auto, exact, fp32, bf16, int8, analog";
  if (!llvm::is_contained({"latency", "throughput", "energy", "edp"},
                          StringRef(objective)))
    return fail(ExitCode::Usage)
           << "objective '" << objective
           << "' is none of latency, throughput, energy, edp";
  for (const chip::ArrayKind &kind : chip.arrays)
    if (kind.purpose == "inference") {
      kinds.push_back(kind);
      working.push_back(
          chip::workingArrays(mapAround ? *broken : chip::Faults(), kind));
      kinds.back().rows = working.back().rows;
      kinds.back().cols = working.back().cols;
    }
  return success();
}

/// Calibration left the group a range, an empty one: its inputs never came
/// here, as in a branch that is not taken.
static bool isUnreached(GroupOp group, Operation *contraction) {
  return group->hasAttr(kRangesAttr) &&
         !rangeOf(group, contraction->getOperand(0));
}

/// Why a contraction with constant weights cannot be computed in int8.
static std::string whyNoInt8(GroupOp group, Operation *contraction) {
  if (uint64_t k = cast<ContractionOpInterface>(contraction).getGemm().k;
      k > kMostInt8Products)
    return "sums of " + std::to_string(k) + " int8 products can exceed 32 bits";
  if (!group->hasAttr(kRangesAttr))
    return "no calibrated ranges (--calibrate)";
  if (isUnreached(group, contraction))
    return "calibration gave it no range";
  return {};
}

/// The alternatives of one group, and which digital one the policy wants.
LogicalResult Partition::describe(Entry &entry) {
  GroupOp group = entry.group;
  entry.contraction = group.getContraction();
  std::string native = nativeFormat(group);
  auto askRules = [&](Alternative alternative) {
    if (alternative.whyNot.empty())
      alternative.whyNot = objectionTo(group, alternative, chip);
    return alternative;
  };
  if (!entry.contraction) {
    entry.digital.push_back(askRules(digitalAlternative(group, chip, native)));
    return success();
  }
  unsigned contractions = 0;
  for (Operation &op : group.getBlock())
    contractions += isContraction(&op);
  bool isConstant =
      contractions == 1 &&
      traceConstant(
          cast<ContractionOpInterface>(entry.contraction).getGemm().weights);
  std::string whyNotInt8 = isConstant ? whyNoInt8(group, entry.contraction)
                                      : "its weights are not constant";
  bool canInt8 = whyNotInt8.empty();

  std::string wanted = native;
  if (native == "f32") {
    if (precision == "bf16")
      wanted = "bf16";
    else if (precision == "int8" || precision == "auto" ||
             precision == "analog")
      wanted = canInt8 ? "i8" : "bf16";
    if (precision == "int8" && isConstant && !canInt8 &&
        !isUnreached(group, entry.contraction))
      entry.refusal =
          group->hasAttr(kRangesAttr)
              ? whyNotInt8 + "; --set-precision NODE=bf16 would help"
              : "int8 needs the ranges of its inputs; calibrate on sample "
                "inputs with --calibrate FILE.npz, or choose another "
                "--precision";
  }
  SmallVector<std::string> formats{wanted};
  for (StringRef format : {"i8", "bf16", "f32"})
    if (native == "f32" && format != wanted)
      formats.push_back(format.str());
  for (const std::string &format : formats) {
    Alternative alternative = digitalAlternative(group, chip, format);
    if (format == "i8" && native == "f32" && !canInt8)
      alternative.whyNot = whyNotInt8;
    else if (chip.mac.rows && format != native &&
             !chip::supports(chip, "mac", format))
      alternative.whyNot = "mac does not compute in " + format;
    entry.digital.push_back(askRules(std::move(alternative)));
  }
  // A format that the chip lacks: the next one that it has.
  auto possible = llvm::find_if(
      entry.digital, [](const Alternative &a) { return a.whyNot.empty(); });
  if (possible != entry.digital.end() && possible != entry.digital.begin()) {
    if ((precision == "int8" || precision == "bf16") && entry.refusal.empty())
      entry.refusal = entry.digital.front().whyNot +
                      "; choose another --precision or --target";
    std::rotate(entry.digital.begin(), possible, possible + 1);
  }
  for (const chip::ArrayKind &kind : kinds)
    entry.analog.push_back(askRules(analogAlternative(
        group, chip, kind, precision == "exact" ? "ideal" : "analog")));
  return success();
}

LogicalResult Partition::force(Entry &entry, StringRef value, bool isFormat,
                               std::string &whyNot) {
  auto allowed = [&](const Alternative &a) {
    if (isFormat)
      return canonicalFormat(value) == a.format ||
             (value == "analog" && a.engine == "array");
    return value == a.engine || (!a.kind.empty() && value == a.kind);
  };
  whyNot.clear();
  for (const std::vector<Alternative> *list : {&entry.digital, &entry.analog})
    for (const Alternative &alternative : *list) {
      if (!allowed(alternative))
        continue;
      // A format given earlier stays when the engine is given, too.
      if (alternative.whyNot.empty()) {
        if (!entry.forced || !allowed(*entry.forced))
          entry.forced = &alternative;
        return success();
      }
      if (whyNot.empty())
        whyNot = alternative.whyNot;
    }
  if (whyNot.empty())
    whyNot = (entry.contraction ? "a contraction runs on mac or on arrays"
                                : "this kind of op runs on " +
                                      entry.digital.front().engine + " only") +
             (isFormat ? ", this one in " + entry.digital.front().format
                       : std::string());
  return failure();
}

/// A place that the text has already is a decision, not a suggestion.
LogicalResult Partition::honourGivenPlace(Entry &entry) {
  PlaceAttr place = entry.group.getPlaceAttr();
  if (!place)
    return success();
  std::string whyNot = "no such engine, kind and format are known for it";
  for (const std::vector<Alternative> *list : {&entry.digital, &entry.analog})
    for (const Alternative &alternative : *list) {
      if (alternative.engine != place.getEngine() ||
          alternative.kind != place.getKind() ||
          alternative.format != place.getFormat())
        continue;
      if (alternative.whyNot.empty()) {
        entry.forced = &alternative;
        entry.forcedBy = "the group's place";
        return success();
      }
      whyNot = alternative.whyNot;
    }
  return refuse(entry.group, ExitCode::Unsupported)
         << nodePrefix(entry.group) << "cannot be at the place that it has, "
         << place << ": " << whyNot
         << "; leave the place out to have one chosen";
}

LogicalResult Partition::applyOverride(StringRef text, bool isFormat) {
  StringRef option = isFormat ? "--set-precision" : "--place";
  auto [node, value] = text.rsplit('=');
  if (node.empty() || value.empty())
    return fail(ExitCode::Usage) << option << " '" << text << "' is not "
                                 << (isFormat ? "NODE=FORMAT" : "NODE=ENGINE");
  if (isFormat) {
    if (!llvm::is_contained({"f32", "bf16", "i8", "analog"},
                            canonicalFormat(value)))
      return fail(ExitCode::Usage) << option << " '" << text << "': '" << value
                                   << "' is none of fp32, bf16, int8, analog";
  } else {
    std::string known = "mac, vec, ctl, array";
    bool isKnown =
        llvm::is_contained({"mac", "vec", "ctl", "dma", "array"}, value);
    for (const chip::ArrayKind &kind : kinds) {
      known += ", " + kind.name;
      isKnown |= value == kind.name;
    }
    if (!isKnown)
      return fail(ExitCode::Usage) << option << " '" << text << "': '" << value
                                   << "' is none of " << known;
  }
  // Names as they are, or patterns with * and ?: no name is refused, though, as
  // models may call a node "a[0]*".
  auto pattern = llvm::GlobPattern::create(node);
  bool isGlob = node.find_first_of("*?") != StringRef::npos && pattern;
  if (!pattern)
    llvm::consumeError(pattern.takeError());
  auto matches = [&](StringRef name) {
    return name == node || (isGlob && pattern->match(name));
  };
  Entry *refused = nullptr;
  std::string reason, nearest;
  unsigned distance = ~0u;
  bool isDone = false;
  for (Entry &entry : entries) {
    bool isNamed = matches(entry.group.getName());
    for (auto &[name, op] : nodesOf(entry.group.getLoc())) {
      isNamed |= matches(name);
      if (unsigned d = node.edit_distance(name); d < distance) {
        distance = d;
        nearest = name;
      }
    }
    if (!isNamed)
      continue;
    std::string whyNot;
    if (succeeded(force(entry, value, isFormat, whyNot))) {
      entry.forcedBy = (option + " " + text).str();
      isDone = true;
    } else if (!refused) {
      refused = &entry;
      reason = whyNot;
    }
  }
  if (isDone)
    return success();
  if (refused)
    return refuse(refused->group, ExitCode::Unsupported)
           << nodePrefix(refused->group) << "cannot run "
           << (isFormat ? "in '" : "on '") << value << "': " << reason
           << "; leave out " << option << " " << text;
  auto error = fail(ExitCode::Usage) << option << " '" << text << "': no node '"
                                     << node << "' is left in the program";
  if (!nearest.empty())
    error << "; did you mean '" << nearest << "'?";
  return error;
}

double Partition::valueOf(const Alternative &a) const {
  if (objective == "energy")
    return a.energy_pj;
  if (objective == "edp")
    return a.energy_pj * a.latency_ns;
  return a.latency_ns; // throughput: the pipeline is as fast as its slowest
}

LogicalResult Partition::choose() {
  std::vector<uint64_t> left;
  // A node that asks for arrays may get damaged ones, cut up if need be.
  for (const chip::WorkingArrays &arrays : working)
    left.push_back(arrays.usable);
  auto indexOf = [&](StringRef kind) {
    return llvm::find_if(kinds, [&](const auto &k) { return k.name == kind; }) -
           kinds.begin();
  };
  for (Entry &entry : entries) {
    if (!entry.forced)
      continue;
    entry.chosen = entry.forced;
    if (entry.forced->engine != "array")
      continue;
    uint64_t &arrays = left[indexOf(entry.forced->kind)];
    if (arrays < entry.forced->arrays)
      return refuse(entry.group, ExitCode::DoesNotFit)
             << nodePrefix(entry.group) << "needs " << entry.forced->arrays
             << " " << entry.forced->kind << " arrays, " << arrays
             << " are left after the nodes placed before it; place fewer "
                "nodes on arrays";
    arrays -= entry.forced->arrays;
  }
  // The others count on arrays that hold what a tile is planned with.
  for (auto [arrays, count] : llvm::zip(working, left))
    count -= std::min<uint64_t>(count, arrays.usable - arrays.typical);
  std::vector<std::vector<ArrayOption>> groups(entries.size());
  std::vector<std::vector<const Alternative *>> options(entries.size());
  if (precision == "auto" || precision == "analog")
    for (auto [entry, group, option] : llvm::zip(entries, groups, options)) {
      if (entry.forced)
        continue;
      for (const Alternative &alternative : entry.analog) {
        if (!alternative.whyNot.empty())
          continue;
        const Alternative &digital = entry.digital.front();
        double gain = valueOf(digital) - valueOf(alternative);
        if (precision == "analog" || !digital.whyNot.empty())
          gain = double(cast<ContractionOpInterface>(entry.contraction)
                            .getGemm()
                            .macs()) *
                 (precision == "analog" ? 1 : 1e6);
        group.push_back(
            {unsigned(indexOf(alternative.kind)), alternative.arrays, gain});
        option.push_back(&alternative);
      }
    }
  std::vector<int> choice = chooseArrays(groups, left);
  for (auto [entry, option, index] : llvm::zip(entries, options, choice)) {
    if (entry.chosen)
      continue;
    if (!entry.refusal.empty())
      return refuse(entry.group, ExitCode::Unsupported)
             << nodePrefix(entry.group) << entry.refusal;
    entry.chosen = index < 0 ? &entry.digital.front() : option[index];
    if (!entry.chosen->whyNot.empty())
      return refuse(entry.group, ExitCode::Unsupported)
             << nodePrefix(entry.group)
             << "no engine runs it: " << entry.chosen->whyNot
             << "; choose another --target";
  }
  return success();
}

std::string Partition::reasonOf(const Entry &entry) const {
  const Alternative &chosen = *entry.chosen;
  const Alternative &digital = entry.digital.front();
  if (!entry.contraction)
    return chosen.engine + ": the engine for this kind of op";
  std::string head =
      chosen.engine == "array"
          ? llvm::formatv("{0}: {1} of {2} arrays ({3})", chosen.format,
                          chosen.arrays, chip.findArray(chosen.kind)->count,
                          chosen.kind)
                .str()
          : chosen.label();
  if (entry.forced)
    return head + ": asked for by " + entry.forcedBy;
  bool isTime = objective == "latency" || objective == "throughput";
  auto compare = [&](const Alternative &a, const Alternative &b) {
    double va = isTime ? a.latency_ns : a.energy_pj;
    double vb = isTime ? b.latency_ns : b.energy_pj;
    bool isLess = va <= vb;
    double ratio = isLess ? vb / std::max(va, 1e-12) : va / std::max(vb, 1e-12);
    auto print = isTime ? timeText : energyText;
    std::string how;
    if (ratio < 1.005) // "1.00x" would say nothing
      how = isTime ? "as fast as" : "as much energy as";
    else
      how = digits(ratio) + "x " +
            (isTime ? (isLess ? "faster than" : "slower than")
                    : (isLess ? "less energy than" : "more energy than"));
    return how + " " + b.label() + " (" + print(va) + " against " + print(vb) +
           ")";
  };
  if (chosen.engine == "array")
    return head + ", " + compare(chosen, digital);
  if (precision != "auto" && precision != "analog")
    return head + ": precision " + precision;
  if (entry.analog.empty())
    return head + ": the chip has no inference arrays";
  const Alternative &analog = entry.analog.front();
  if (!analog.whyNot.empty())
    return head + ": not on arrays, " + analog.whyNot;
  if (precision == "analog" || valueOf(analog) < valueOf(chosen))
    return head + ": the arrays serve other nodes better (this one needs " +
           std::to_string(analog.arrays) + ")";
  return head + ", " + compare(chosen, analog);
}

void Partition::annotate(Entry &entry) {
  GroupOp group = entry.group;
  Builder builder(&getContext());
  const Alternative &chosen = *entry.chosen;
  std::string reason = reasonOf(entry);
  group.setPlaceAttr(
      PlaceAttr::get(&getContext(), chosen.engine, chosen.kind, chosen.format));
  group.setReasonAttr(builder.getStringAttr(reason));
  group.setCostAttr(CostAttr::get(&getContext(), chosen.latency_ns,
                                  chosen.energy_pj, chosen.sqnr_db));
  SmallVector<Attribute> alternatives;
  for (const std::vector<Alternative> *list : {&entry.digital, &entry.analog})
    for (const Alternative &a : *list) {
      SmallVector<NamedAttribute> fields;
      auto add = [&](StringRef name, Attribute value) {
        fields.push_back(builder.getNamedAttr(name, value));
      };
      add("engine", builder.getStringAttr(a.engine));
      add("kind", builder.getStringAttr(a.kind));
      add("format", builder.getStringAttr(a.format));
      add("latency_ns", builder.getF64FloatAttr(a.latency_ns));
      add("energy_pj", builder.getF64FloatAttr(a.energy_pj));
      add("arrays", builder.getI64IntegerAttr(a.arrays));
      add("why_not", builder.getStringAttr(a.whyNot));
      alternatives.push_back(builder.getDictionaryAttr(fields));
    }
  group->setAttr(kAlternativesAttr, builder.getArrayAttr(alternatives));
  if (chosen.engine == "array")
    ++numAnalog;
  if (remarks)
    emitRemark(group.getLoc()) << reason;
}

void Partition::runOnOperation() {
  // A pass object may run on several modules.
  kinds.clear();
  working.clear();
  entries.clear();
  if (failed(checkOptions()))
    return signalPassFailure();
  getOperation()->walk([&](GroupOp group) {
    entries.emplace_back();
    entries.back().group = group;
  });
  for (Entry &entry : entries)
    if (failed(describe(entry)))
      return signalPassFailure();
  for (Entry &entry : entries)
    if (failed(honourGivenPlace(entry)))
      return signalPassFailure();
  for (const std::string &text : format)
    if (failed(applyOverride(text, /*isFormat=*/true)))
      return signalPassFailure();
  for (const std::string &text : place)
    if (failed(applyOverride(text, /*isFormat=*/false)))
      return signalPassFailure();
  if (failed(choose()))
    return signalPassFailure();
  for (Entry &entry : entries)
    annotate(entry);
  markPhase(getOperation(), "partition");
}

} // namespace
} // namespace hybridc::hyb
