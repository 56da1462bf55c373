//===- ChipStudy.cpp - characterize --what timing, --what adc -------------===//
#include "hybridc/Studies/ChipStudy.h"

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"
#include "hybridc/Support/Parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <utility>

using namespace hybridc;
using namespace hybridc::studies;

namespace {

/// A product, and the convolution that it came from, if any.
struct Layer {
  std::string name;
  uint64_t m = 0, k = 0, n = 0;
  uint32_t kernelH = 0, kernelW = 0, outH = 0, outW = 0, stride = 1;
  uint32_t strideW = 1;
};

constexpr uint64_t kMostExtent = 1 << 24, kMostChannels = 1 << 16;

Result<std::vector<uint64_t>> wholeNumbers(const std::string &text, char mark,
                                           const std::string &where) {
  std::vector<uint64_t> numbers;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(mark, begin), text.size());
    std::string part = text.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(" \t"));
    part.erase(part.find_last_not_of(" \t\r") + 1);
    begin = end + 1;
    if (part.empty() && begin > text.size())
      break; // SCALE-Sim's lines end in a comma
    uint64_t value = 0;
    auto [stop, failed] =
        std::from_chars(part.data(), part.data() + part.size(), value);
    if (failed != std::errc() || stop != part.data() + part.size() ||
        value == 0 || value > kMostExtent)
      return invalidInput(fmt::format("{}: '{}' is no extent from 1 to {}",
                                      where, part, kMostExtent));
    numbers.push_back(value);
  }
  return numbers;
}

/// H, W, r, s, c, M, stride, with a second stride for columns if it differs:
/// padding is part of H and W, as in SCALE-Sim.
Result<Layer> convolution(const std::vector<uint64_t> &v, std::string name,
                          const std::string &where) {
  uint64_t h = v[0], w = v[1], r = v[2], s = v[3], stride = v[6];
  uint64_t strideW = v.size() > 7 ? v[7] : stride;
  if (r > h || s > w)
    return invalidInput(
        fmt::format("{}: the kernel {}x{} is larger than the image {}x{}",
                    where, r, s, h, w));
  Layer layer;
  layer.name = std::move(name);
  layer.outH = uint32_t((h - r + stride + stride - 1) / stride);
  layer.outW = uint32_t((w - s + strideW + strideW - 1) / strideW);
  layer.kernelH = uint32_t(r);
  layer.kernelW = uint32_t(s);
  layer.stride = uint32_t(stride);
  layer.strideW = uint32_t(strideW);
  layer.m = uint64_t(layer.outH) * layer.outW;
  layer.k = r * s * v[4];
  layer.n = v[5];
  return layer;
}

Result<Layer> layerOf(const std::string &shape) {
  std::string where = "--shape " + shape;
  bool isConv = shape.find(',') != std::string::npos;
  auto numbers = wholeNumbers(shape, isConv ? ',' : 'x', where);
  if (!numbers)
    return usage(numbers.error().message);
  if (isConv && (numbers->size() == 7 || numbers->size() == 8)) {
    auto layer = convolution(*numbers, shape, where);
    return layer ? layer : Result<Layer>(usage(layer.error().message));
  }
  if (isConv || numbers->size() != 3)
    return usage(where + ": expected MxKxN, or H,W,r,s,c,M,stride of a "
                         "convolution (a second stride for its columns)");
  Layer layer;
  layer.name = shape;
  layer.m = (*numbers)[0];
  layer.k = (*numbers)[1];
  layer.n = (*numbers)[2];
  return layer;
}

/// One line of a topology: a name and what follows it.
struct TopologyLine {
  std::string name, extents;
};

/// Takes the sparsity of SCALE-Sim's layers, N:M, off the end of a line. All of
/// M values of M is a dense layer.
Status dropSparsity(std::string &extents, const std::string &where) {
  size_t end = extents.find_last_not_of(" \t\r,");
  if (end == std::string::npos)
    return {};
  size_t begin = extents.find_last_of(',', end);
  begin = begin == std::string::npos ? 0 : begin + 1;
  std::string ratio = extents.substr(begin, end + 1 - begin);
  size_t colon = ratio.find(':');
  if (colon == std::string::npos)
    return {};
  auto kept = wholeNumbers(ratio.substr(0, colon), ',', where);
  auto of = wholeNumbers(ratio.substr(colon + 1), ',', where);
  if (!kept || !of || kept->size() != 1 || of->size() != 1 || *kept > *of)
    return invalidInput(
        fmt::format("{}: '{}' is no sparsity such as 2:4", where, ratio));
  if (*kept != *of)
    return unsupported(fmt::format(
        "{}: sparsity {}: only dense layers (1:1) can be timed; without the "
        "column the layer counts as dense",
        where, ratio));
  extents.erase(begin);
  return {};
}

/// A first line of names alone: nothing in it begins like a number.
bool isHeading(const std::string &extents) {
  bool isField = true;
  for (char c : extents) {
    if (isField && c >= '0' && c <= '9')
      return false;
    isField = c == ',' || (isField && (c == ' ' || c == '\t'));
  }
  return true;
}

Status addLayers(const TopologyLine &line, const std::string &where,
                 std::vector<Layer> &layers) {
  std::string extents = line.extents;
  if (Status status = dropSparsity(extents, where); !status)
    return status;
  auto numbers = wholeNumbers(extents, ',', where);
  if (!numbers)
    return numbers.error();
  if (numbers->size() == 7 || numbers->size() == 8) {
    uint64_t channels = 1;
    bool isDepthwise = line.name.find("DP") != std::string::npos;
    if (isDepthwise)
      std::swap(channels, (*numbers)[4]);
    if (channels > kMostChannels)
      return invalidInput(fmt::format("{}: {} channels; a depthwise layer has "
                                      "at most {}",
                                      where, channels, kMostChannels));
    auto layer = convolution(*numbers, line.name, where);
    if (!layer)
      return layer.error();
    for (uint64_t c = 0; c < channels; ++c) {
      if (isDepthwise)
        layer->name = fmt::format("{}Channel_{}", line.name, c);
      layers.push_back(*layer);
    }
    return {};
  }
  if (numbers->size() != 3)
    return invalidInput(fmt::format("{}: {} extents; a convolution has 7 (H, "
                                    "W, r, s, c, M, stride) or 8 (a stride "
                                    "for columns), a product 3 (M, N, K)",
                                    where, numbers->size()));
  Layer layer;
  layer.name = line.name;
  layer.m = (*numbers)[0];
  layer.n = (*numbers)[1];
  layer.k = (*numbers)[2];
  layers.push_back(layer);
  return {};
}

/// Lines "name, H, W, r, s, c, M, stride," or "name, M, N, K,", below a heading
/// if there is one. A convolution with DP in its name is depthwise: a layer for
/// each channel.
Status readTopology(const std::string &path, std::vector<Layer> &layers) {
  std::ifstream file(path);
  if (!file)
    return invalidInput(path + ": cannot be read");
  std::string text;
  size_t before = layers.size();
  bool isFirst = true;
  for (unsigned number = 1; std::getline(file, text); ++number) {
    if (number == 1 && text.starts_with("\xef\xbb\xbf"))
      text.erase(0, 3); // a byte order mark
    std::string where = fmt::format("{}:{}:1", path, number);
    if (text.find_first_not_of(" \t\r,") == std::string::npos)
      continue;
    size_t comma = text.find(',');
    if (comma == std::string::npos)
      return invalidInput(where + ": expected NAME, EXTENTS…");
    TopologyLine line{text.substr(0, comma), text.substr(comma + 1)};
    if (std::exchange(isFirst, false) && isHeading(line.extents))
      continue;
    if (Status status = addLayers(line, where, layers); !status)
      return status;
  }
  if (layers.size() == before)
    return invalidInput(path + ": holds no layer");
  return {};
}

Result<chip::Chip> chipOf(const std::string &target,
                          const std::vector<std::string> &set) {
  auto chip = chip::loadChip(target);
  if (!chip)
    return chip;
  for (const std::string &text : set) {
    size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
      return usage("--set " + text + ": expected FIELD=VALUE");
    if (Status status =
            chip::setField(*chip, text.substr(0, at), text.substr(at + 1));
        !status)
      return usage("--set " + text + ": " + status.error().message);
  }
  return chip;
}

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
  auto chip = chipOf(target, set);
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

Result<exec::StatTable>
studies::characterizeAdc(const std::string &target,
                         const std::vector<std::string> &set,
                         const ChipStudy &study) {
  auto chip = chipOf(target, set);
  if (!chip)
    return chip.error();
  auto listOf = [](const char *option,
                   const std::string &text) -> Result<std::vector<double>> {
    auto numbers = parseNumbers(text);
    if (!numbers)
      return numbers;
    for (double number : *numbers)
      if (!(number > 0) || !std::isfinite(number))
        return usage(fmt::format("{} {}: must be above 0", option, text));
    return numbers;
  };
  std::string technology = study.technology;
  if (technology.empty()) {
    if (chip->technology_nm <= 0)
      return usage(fmt::format("target '{}' states no technology_nm; give "
                               "--technology",
                               target));
    technology = fmt::format("{}", chip->technology_nm);
  }
  std::set<uint32_t> own;
  for (const chip::ArrayKind &array : chip->arrays)
    own.insert(array.outputBits());
  std::string ofArrays =
      own.empty() ? "4,6,8,10,12" : fmt::format("{}", fmt::join(own, ","));
  auto bits = listOf("--bits", study.bits.empty() ? ofArrays : study.bits);
  auto nm = listOf("--technology", technology);
  auto hz = listOf("--frequency", study.frequency);
  for (const auto *list : {&bits, &nm, &hz})
    if (!*list)
      return list->error();
  exec::StatTable table;
  table.columns = {"bits",      "technology_nm", "frequency_hz",
                   "energy_pj", "power_mw",      "area_um2"};
  for (double b : *bits)
    for (double t : *nm)
      for (double f : *hz) {
        double energy = chip::adcEnergy_pj(b, t, f);
        table.rows.push_back({exec::StatCell(b), exec::StatCell(t),
                              exec::StatCell(f), exec::StatCell(energy),
                              exec::StatCell(energy * f * 1e-9),
                              exec::StatCell(chip::adcArea_um2(b, t, f))});
      }
  return table;
}
