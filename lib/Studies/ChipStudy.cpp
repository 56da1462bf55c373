//===- ChipStudy.cpp - characterize --what timing -------------------------===//
#include "hybridc/Studies/ChipStudy.h"

#include "Layers.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

using namespace hybridc;
using namespace hybridc::studies;

namespace {

class TimingTable {
public:
  TimingTable(const chip::Chip &chip, const ChipStudy &study)
      : chip(chip), study(study) {
    table.columns = {"engine",
                     "operation",
                     "layer",
                     "m",
                     "k",
                     "n",
                     "batch",
                     "cycles",
                     "ns",
                     "energy_pj",
                     "macs",
                     "utilization",
                     "tops",
                     "tops_per_w",
                     "input_reads",
                     "weight_reads",
                     "output_writes"};
  }
  exec::StatTable table;

  void addMac(const Layer &layer);
  Status addArrayProduct(const chip::ArrayKind &array, const Layer &layer);
  void addArrayOperations(const chip::ArrayKind &array);
  void addOthers();

private:
  const chip::Chip &chip;
  const ChipStudy &study;
  /// What is timed at most: array tiles of one product, and rounds of arrays
  /// that take turns, each a row, in the whole table.
  static constexpr double kMostTiles = 1 << 24, kMostRounds = 1 << 16;
  double rounds = 0;

  chip::Work workOf(const Layer &layer) const;
  void add(std::string_view engine, std::string_view operation,
           const Layer &layer, const chip::Work &work,
           const chip::SystolicAccesses *accesses = nullptr);
};

chip::Work TimingTable::workOf(const Layer &layer) const {
  chip::Work work;
  work.kind = chip::WorkKind::Matrix;
  work.engine = "mac";
  work.format = study.format;
  work.groups = study.groups;
  work.batch = uint64_t(study.batch) * study.groups;
  work.m = layer.m;
  work.k = layer.k;
  work.n = layer.n;
  work.kernelH = layer.kernelH;
  work.kernelW = layer.kernelW;
  work.outH = layer.outH;
  work.outW = layer.outW;
  work.stride = layer.stride;
  work.strideW = layer.strideW;
  work.macs = work.batch * work.m * work.k * work.n;
  return work;
}

void TimingTable::add(std::string_view engine, std::string_view operation,
                      const Layer &layer, const chip::Work &work,
                      const chip::SystolicAccesses *accesses) {
  chip::Cost cost = chip::cost(chip, work);
  double cycles = double(cost.cycles);
  double ns = cycles / chip.clock_ghz;
  double energy = cost.totalEnergy_pj();
  double macs = double(work.macs);
  auto number = [](double value) {
    return value > 0 ? exec::StatCell(value) : exec::StatCell();
  };
  std::vector<exec::StatCell> row = {
      exec::StatCell(std::string(engine)),
      exec::StatCell(std::string(operation)),
      layer.name.empty() ? exec::StatCell() : exec::StatCell(layer.name),
      number(double(layer.m)),
      number(double(layer.k)),
      number(double(layer.n)),
      number(double(work.batch)),
      exec::StatCell(cycles),
      exec::StatCell(ns),
      exec::StatCell(energy),
      number(macs),
      number(cost.utilization),
      number(2 * macs / ns / 1e3),
      number(energy > 0 ? 2 * macs / energy : 0)};
  if (accesses && work.kind == chip::WorkKind::Matrix)
    for (double count :
         {accesses->inputReads, accesses->weightReads, accesses->outputWrites})
      row.push_back(exec::StatCell(count * double(work.groups)));
  row.resize(table.columns.size());
  table.rows.push_back(std::move(row));
}

void TimingTable::addMac(const Layer &layer) {
  chip::Work work = workOf(layer);
  const chip::Mac &mac = chip.mac;
  if (study.weights == "dram") {
    unsigned bits = 8;
    for (unsigned wide : {4u, 16u, 32u, 64u})
      if (study.format.ends_with(std::to_string(wide)))
        bits = wide;
    work.dramReadBytes = (work.k * work.n * work.groups * bits + 7) / 8;
    work.weightBytes = work.dramReadBytes;
    work.weightsFromDram = true;
  }
  bool isSystolic =
      mac.dataflow == "ws" || mac.dataflow == "os" || mac.dataflow == "is";
  chip::SystolicAccesses accesses;
  if (isSystolic)
    accesses = chip::systolicAccesses(mac.dataflow, mac.rows, mac.cols,
                                      work.m * study.batch, work.n, work.k);
  add("mac", mac.dataflow, layer, work, isSystolic ? &accesses : nullptr);
}

/// Weights lie in as many arrays as they need, each slice of a tile in an array
/// of its own; when the chip has fewer, they take turns (reprogramming not
/// counted).
Status TimingTable::addArrayProduct(const chip::ArrayKind &array,
                                    const Layer &layer) {
  auto pieces = [](uint64_t extent, uint64_t of) {
    return double((extent + of - 1) / of);
  };
  double tiles =
      study.groups * pieces(layer.k, array.rows) * pieces(layer.n, array.cols);
  double atOnce = std::max(1u, array.count / std::max(1u, array.slices));
  rounds += std::ceil(tiles / atOnce);
  if (tiles > kMostTiles || rounds > kMostRounds)
    return unsupported(fmt::format(
        "'{}' on arrays '{}': {:.0f} tiles of {} x {}, {:.0f} at a time; at "
        "most {:.0f} tiles of a product and {:.0f} rounds in all are timed. A "
        "smaller product, fewer --groups or --array with another engine helps",
        layer.name, array.name, tiles, array.rows, array.cols, atOnce,
        kMostTiles, kMostRounds));
  chip::Work work;
  work.kind = chip::WorkKind::Analog;
  work.engine = array.name;
  work.format = study.format;
  work.slices = array.slices;
  work.batch = uint64_t(study.batch) * study.groups;
  work.vectors = layer.m * study.batch;
  bool isFirst = true;
  auto flush = [&] {
    if (work.arrays.empty())
      return;
    work.macs = 0;
    for (const auto &[rows, cols] : work.arrays)
      work.macs += work.vectors * rows * cols;
    add(array.name, std::exchange(isFirst, false) ? "mvm" : "mvm, next round",
        layer, work);
    work.arrays.clear();
  };
  for (uint32_t group = 0; group < study.groups; ++group)
    for (uint64_t k = 0; k < layer.k; k += array.rows)
      for (uint64_t n = 0; n < layer.n; n += array.cols) {
        work.arrays.push_back(
            {uint32_t(std::min<uint64_t>(array.rows, layer.k - k)),
             uint32_t(std::min<uint64_t>(array.cols, layer.n - n))});
        if ((work.arrays.size() + 1) * array.slices > array.count)
          flush();
      }
  flush();
  return {};
}

void TimingTable::addArrayOperations(const chip::ArrayKind &array) {
  Layer whole; // one array, all of it
  whole.m = 1;
  whole.k = array.rows;
  whole.n = array.cols;
  chip::Work work;
  work.engine = array.name;
  work.format = study.format;
  work.vectors = 1;
  work.arrays = {{array.rows, array.cols}};
  work.kind = chip::WorkKind::Analog;
  work.macs = uint64_t(array.rows) * array.cols;
  add(array.name, "one array: mvm", whole, work);
  work.macs = 0;
  work.vectors = array.rows; // row after row
  add(array.name, "one array: read", whole, work);
  work.kind = chip::WorkKind::ProgramArray;
  add(array.name, "one array: program", whole, work);
  if (array.purpose != "training")
    return;
  work.kind = chip::WorkKind::PulsedUpdate;
  work.vectors = 1;
  add(array.name, "one array: outer-product update", whole, work);
}

void TimingTable::addOthers() {
  auto addVec = [&](const char *name, double special) {
    chip::Work work;
    work.kind = chip::WorkKind::Vector;
    work.engine = "vec";
    work.format = "f32";
    work.elements = 4096;
    work.specialPerElement = special;
    add("vec", name, {}, work);
  };
  addVec("4096 operations, f32", 0);
  addVec("4096 special functions, f32", 1);
  chip::Work work;
  work.kind = chip::WorkKind::Control;
  work.engine = "ctl";
  work.elements = 4096;
  add("ctl", "4096 operations", {}, work);
  work = {};
  work.engine = "dma";
  work.dramReadBytes = work.sramWriteBytes = 65536;
  add("dma", "64 KiB from DRAM", {}, work);
}

} // namespace

Result<exec::StatTable>
studies::characterizeTiming(const std::string &target,
                            const std::vector<std::string> &set,
                            const std::string &array, const ChipStudy &study) {
  auto chip = chipWith(target, set);
  if (!chip)
    return chip.error();
  if (!array.empty() && array != "mac" && !chip->findArray(array))
    return usage(fmt::format("target '{}' has no array '{}'", target, array));
  std::vector<Layer> layers;
  for (const std::string &shape : study.shapes) {
    auto layer = layerOf(shape);
    if (!layer)
      return layer.error();
    layers.push_back(std::move(*layer));
  }
  if (!study.topology.empty())
    if (Status status = readTopology(study.topology, layers); !status)
      return status.error();
  TimingTable timing(*chip, study);
  bool isAll = array.empty();
  for (const Layer &layer : layers) {
    if (chip->mac.rows && (isAll || array == "mac"))
      timing.addMac(layer);
    for (const chip::ArrayKind &kind : chip->arrays)
      if (isAll || array == kind.name)
        if (Status status = timing.addArrayProduct(kind, layer); !status)
          return status.error();
  }
  if (layers.empty()) {
    Layer square;
    square.name = "256x256x256";
    square.m = square.k = square.n = 256;
    if (chip->mac.rows && (isAll || array == "mac"))
      timing.addMac(square);
    for (const chip::ArrayKind &kind : chip->arrays)
      if (isAll || array == kind.name)
        timing.addArrayOperations(kind);
    if (isAll)
      timing.addOthers();
  }
  return std::move(timing.table);
}
